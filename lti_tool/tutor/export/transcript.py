"""What a transcript holds: course, person, and every turn with its times, sources and teachers' answers."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind, record
from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.site_settings.chat import ENABLE_EXPORT
from lti_tool.site_settings.store import read
from lti_tool.tutor.attachments.asked import attachments_of
from lti_tool.tutor.conversations import turns_of
from lti_tool.tutor.escalation.models import EscalationState
from lti_tool.tutor.escalation.replies import Reply, replies_for
from lti_tool.tutor.models import Conversation, Turn


class Format(StrEnum):
    TXT = "txt"
    PDF = "pdf"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One turn, the names of the files that went with it, and what a teacher answered."""

    turn: Turn
    files: Sequence[str]
    reply: Reply | None
    is_earlier_version: bool


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """Everything that the file says."""

    course: str
    label: str
    person: str
    began_at: datetime
    made_at: datetime
    entries: Sequence[Entry]


def transcript_of(session: Session, viewer: Viewer, conversation: Conversation, kind: Format) -> Transcript:
    """The transcript of a conversation that was loaded for this viewer; that it was taken is an event."""
    if not read(session, ENABLE_EXPORT, viewer.course_id):
        raise NotAllowed("export_off", "Taking conversations along is switched off in this course.")
    course = session.get_one(Course, viewer.course_id)
    turns = turns_of(session, conversation)
    replies = replies_for(session, viewer, conversation.id).by_turn
    answered = {turn: reply for turn, reply in replies.items() if reply.state is EscalationState.ANSWERED}
    replaced = {turn.replaces_id for turn in turns}
    attached = attachments_of(session, turns)
    record(
        session,
        EventKind.CHAT_EXPORTED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"conversation": str(conversation.id), "format": str(kind)},
    )
    return Transcript(
        course=course.title,
        label=course.label,
        person=session.scalars(select(Person).where(Person.id == viewer.person_id)).one().display_name,
        began_at=conversation.created_at,
        made_at=now(),
        entries=[
            Entry(
                turn=turn,
                files=[one.file.name for one in attached.get(turn.id, ())],
                reply=answered.get(turn.id),
                is_earlier_version=turn.id in replaced,
            )
            for turn in turns
        ],
    )


def direction_of(text: str) -> str:
    """Where a text begins: the first letter that has a direction decides, as `dir="auto"` does in a browser."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"
