"""Keeping, finding and forgetting tokens; the text of one is read only where a call goes out (R176)."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.moodle.models import MoodleToken
from lti_tool.secrets import Secrets

SHAPE = re.compile(r"[A-Za-z0-9]{16,128}")


def checked_token(text: str) -> str:
    """The token without the spaces that copying adds; raises InvalidInput for what no Moodle ever made."""
    token = text.strip()
    if not SHAPE.fullmatch(token):
        raise InvalidInput(
            "token_malformed", "This is no token: copy the 32 letters and digits that Moodle shows, and nothing else."
        )
    return token


def keep_token(session: Session, secrets: Secrets, token: str, *, platform_id: int, course_id: int | None) -> None:
    """Set the token of the platform, or of one course, in place of the one before."""
    kept = find_token(session, platform_id=platform_id, course_id=course_id) or MoodleToken(
        platform_id=platform_id, course_id=course_id
    )
    kept.token_encrypted, kept.created_at = secrets.encrypt(checked_token(token)), now()
    session.add(kept)
    session.flush()


def forget_token(session: Session, *, platform_id: int, course_id: int | None) -> bool:
    """Remove the token of exactly this level; whether there was one."""
    kept = find_token(session, platform_id=platform_id, course_id=course_id)
    if kept is None:
        return False
    session.delete(kept)
    session.flush()
    return True


def find_token(session: Session, *, platform_id: int, course_id: int | None) -> MoodleToken | None:
    """The token of exactly this level."""
    level = MoodleToken.course_id.is_(None) if course_id is None else MoodleToken.course_id == course_id
    return session.scalar(select(MoodleToken).where(MoodleToken.platform_id == platform_id, level))


def find_token_in_force(session: Session, *, platform_id: int, course_id: int) -> MoodleToken | None:
    """What calls for a course are made with: its own token, else the platform's."""
    levels = MoodleToken.course_id.is_(None) | (MoodleToken.course_id == course_id)
    return session.scalar(
        select(MoodleToken)
        .where(MoodleToken.platform_id == platform_id, levels)
        .order_by(MoodleToken.course_id.nulls_last())
        .limit(1)
    )
