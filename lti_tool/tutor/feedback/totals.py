"""How the answers of a course were rated, for its dashboard (R12). It says nothing of who rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.tutor.models import Conversation, Turn

MOST_COMMENTS = 50


@dataclass(frozen=True, kw_only=True)
class Comment:
    """What somebody wrote with a thumb down."""

    text: str
    question: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Thumbs on the answers to questions of a span of time, and the latest comments."""

    up: int
    down: int
    comments: Sequence[Comment]


def ratings_of(session: Session, course_id: int, *, since: datetime, until: datetime) -> Ratings:
    """Sums over the course's questions asked in [since, until)."""
    asked = (Conversation.course_id == course_id, Turn.created_at >= since, Turn.created_at < until)
    up, down = session.execute(
        select(func.count().filter(Turn.rating == 1), func.count().filter(Turn.rating == -1))
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(*asked)
    ).one()
    rows = session.execute(
        select(Turn.rating_comment, Turn.question, Turn.created_at)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(*asked, Turn.rating_comment != "")
        .order_by(Turn.created_at.desc())
        .limit(MOST_COMMENTS)
    )
    comments = [Comment(text=text, question=question, asked_at=asked_at) for text, question, asked_at in rows]
    return Ratings(up=up, down=down, comments=comments)
