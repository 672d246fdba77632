"""Security events: that a text tried to instruct the model, or that an answer was held back (R166, R198).

Each stands in the activity log, which is counted, and in the audit, which administrators read. Both hold what kind of
attempt it was and where; never a word of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.activity import events
from lti_tool.activity.models import EventKind
from lti_tool.llm.injection.patterns import Trick


class Place(StrEnum):
    """Where it was found."""

    QUESTION = "question"
    ATTACHMENT = "attachment"
    SOURCE = "source"
    ANSWER = "answer"
    SUBMISSION = "submission"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """The row in which it was found, and whose it is: nobody's where the tool found it by itself."""

    place: Place
    object_id: object
    course_id: int
    person_id: int | None = None
    role: str | None = None


def record_injection(session: Session, spot: Spot, tricks: Sequence[Trick]) -> None:
    """Say that a text tried to instruct the model; nothing happens where there are no tricks."""
    if tricks:
        _record(session, EventKind.INJECTION_FOUND, spot, tricks)


def record_blocked_output(session: Session, spot: Spot, trick: Trick) -> None:
    """Say that (a part of) an answer was held back."""
    _record(session, EventKind.OUTPUT_BLOCKED, spot, [trick])


def _record(session: Session, kind: EventKind, spot: Spot, tricks: Sequence[Trick]) -> None:
    details = {"place": str(spot.place), "tricks": [str(trick) for trick in tricks]}
    events.record(session, kind, course_id=spot.course_id, person_id=spot.person_id, details=details)
    audit.record(
        session,
        f"security.{kind}",
        course_id=spot.course_id,
        actor_id=spot.person_id,
        actor_role=spot.role,
        object_type=spot.place,
        object_id=spot.object_id,
        details=details,
    )
