"""The outbox of approved grades: queue and claim. Rows are the truth; a job is only a nudge to look at them.

Order per person: a target and a person have one row, and whoever holds its lease is the only one who sends. A lease
that ran out marks the push uncertain: the sender died, and the score may have arrived.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.models import ResourceLink
from lti_tool.db import now
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.deliveries import Delivery, deliveries_of
from lti_tool.gradebook.models import Approval, Grade, Push, PushStatus
from lti_tool.gradebook.verdicts import GIVE_UP_AFTER

LEASE = timedelta(seconds=90)
"""Longer than the slowest batch: what is still unsent when it ends is left to the next sender."""
SECOND = timedelta(seconds=1)


def queue(session: Session, grade: Grade, approval: Approval) -> None:
    """Put the approval into the outbox of each target of its placement; a push under way is not disturbed."""
    for target, row in (("resource_link_id", ResourceLink), ("moodle_assignment_id", MoodleAssignment)):
        found = session.scalars(select(row.id).where(row.placement_id == grade.placement_id)).all()
        if found:
            _queue_to(session, grade, approval, target, found)


def _queue_to(session: Session, grade: Grade, approval: Approval, target: str, targets: Sequence[int]) -> None:
    fresh = _fresh(grade, approval, now())
    rows = [{target: each, "person_id": grade.person_id, **fresh} for each in targets]
    status = case((Push.status == PushStatus.DOING, Push.status), else_=PushStatus.TODO.value)
    session.execute(
        insert(Push)
        .values(rows)
        .on_conflict_do_update(index_elements=[target, "person_id"], set_={**fresh, "status": status})
    )


def _fresh(grade: Grade, approval: Approval, at: datetime) -> dict[str, Any]:
    return {
        "grade_id": grade.id,
        "grade_version": approval.grade_version,
        "status": PushStatus.TODO,
        "attempts": 0,
        "conflicts": 0,
        "next_try_at": at,
        "give_up_at": at + GIVE_UP_AFTER,
        "reason": "",
        "is_result_due": False,
    }


def claim(session: Session, limit: int) -> list[Delivery]:
    """Take due pushes that nobody else is taking; their timestamps are stored with the caller's commit."""
    at = now()
    waiting = and_(Push.status == PushStatus.TODO, Push.next_try_at <= at)
    abandoned = and_(Push.status == PushStatus.DOING, Push.leased_until < at)
    due = (
        select(Push.id)
        .where(or_(waiting, abandoned))
        .order_by(Push.next_try_at, Push.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = session.scalars(
        update(Push)
        .where(Push.id == due.c.id)
        .values(
            status=PushStatus.DOING,
            lease=func.gen_random_uuid(),
            leased_until=at + LEASE,
            attempts=Push.attempts + 1,
            is_uncertain=or_(Push.is_uncertain, Push.status == PushStatus.DOING),
            last_timestamp=func.greatest(at.replace(microsecond=0), Push.last_timestamp + SECOND),
        )
        .returning(Push.id)
        .execution_options(synchronize_session=False)
    ).all()
    return deliveries_of(session, list(claimed)) if claimed else []
