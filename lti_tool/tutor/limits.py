"""How much a person may ask: length (R154), burst (R153) and questions a day (R152), counted in the database.

The person's row is locked while counting, so that two nodes agree; the count does not read conversations, so that
deleting one resets nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.db import columns, now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.site_settings.catalogue import BURST_LIMIT, DAILY_LIMIT, MAX_MESSAGE_LENGTH
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.models import QuestionAsked

BURST_WINDOW = timedelta(seconds=60)
KEPT = timedelta(days=2)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ASKED = select(func.count()).where(
    QuestionAsked.person_id == bindparam("person_id"), QuestionAsked.asked_at > bindparam("moment")
)
LOCKED = select(Person.id).where(Person.id == bindparam("person_id")).with_for_update(key_share=True)
CLEARED = (
    delete(QuestionAsked)
    .where(QuestionAsked.person_id == bindparam("person_id"), QuestionAsked.asked_at < bindparam("moment"))
    .execution_options(synchronize_session=False)
)
COUNTED = insert(QuestionAsked.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What is left today; None means without limit."""

    left_today: int | None

    @property
    def is_low(self) -> bool:
        return self.left_today is not None and self.left_today <= 5


def checked_question(settings: Snapshot, text: str) -> str:
    """The question without control characters (R164); raises InvalidInput when it is empty or too long."""
    # Form posts send \r\n for the line break that a socket sends as \n.
    question = CONTROL_CHARACTERS.sub("", text.replace("\r\n", "\n")).strip()
    longest = settings.read(MAX_MESSAGE_LENGTH)
    if not question:
        raise InvalidInput("question_empty", "Write a question first.")
    if len(question) > longest:
        raise InvalidInput(
            "question_too_long",
            "Your question is longer than %(longest)s characters.",
            {"longest": longest},
            longest=longest,
        )
    return question


def count_question(session: Session, settings: Snapshot, person_id: int, *, at: datetime | None = None) -> Allowance:
    """Count one question against both limits; raises NotAllowed (`burst_limit`, `daily_limit`)."""
    moment = at or now()
    columns(session, LOCKED, {"person_id": person_id})
    if _asked_since(session, person_id, moment - BURST_WINDOW) >= settings.read(BURST_LIMIT):
        raise NotAllowed("burst_limit", "That was quick. Wait a minute before the next question.")
    allowance = allowance_of(session, settings, person_id, at=moment)
    if allowance.left_today == 0:
        raise NotAllowed("daily_limit", "You have used all questions of today. Come back tomorrow.")
    session.execute(CLEARED, {"person_id": person_id, "moment": moment - KEPT})
    session.execute(COUNTED, {"person_id": person_id, "asked_at": moment})
    return Allowance(left_today=None if allowance.left_today is None else allowance.left_today - 1)


def allowance_of(session: Session, settings: Snapshot, person_id: int, *, at: datetime | None = None) -> Allowance:
    """What a person may still ask today, in all courses together."""
    asked = _asked_since(session, person_id, midnight_before(at or now())) if settings.read(DAILY_LIMIT) else 0
    return allowance_after(settings, asked)


def allowance_after(settings: Snapshot, asked: int) -> Allowance:
    """What is left of today's questions when so many were asked."""
    limit = settings.read(DAILY_LIMIT)
    return Allowance(left_today=max(0, limit - asked) if limit else None)


def midnight_before(moment: datetime) -> datetime:
    """Of the server's clock, as the setting promises."""
    return moment.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def _asked_since(session: Session, person_id: int, moment: datetime) -> int:
    return columns(session, ASKED, {"person_id": person_id, "moment": moment}).scalar_one()
