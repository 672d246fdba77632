"""What came of a delivery, written down: the next state of its push, and a line of history that never changes."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import ResourceLink
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.db import now
from lti_tool.gradebook.deliveries import ColumnDelivery, Delivery, Sent
from lti_tool.gradebook.models import Push, PushAttempt, PushStatus
from lti_tool.gradebook.verdicts import Effort, Verdict, switched_off, verdict
from lti_tool.lti.scores import Outcome

log = logging.getLogger(__name__)

TOLD = {PushStatus.SUCCEEDED: EventKind.PUSHED, PushStatus.FAILED: EventKind.PUSH_FAILED}
"""What is an end, for now; everything else goes on."""


def settle(session: Session, deliveries: Sequence[tuple[Delivery, Sent]]) -> None:
    """Store what came of deliveries; the state only where the lease has not passed to somebody else."""
    pushes = session.scalars(
        select(Push)
        .where(Push.id.in_([delivery.push_id for delivery, _ in deliveries]))
        .order_by(Push.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    held = {(push.id, push.lease): push for push in pushes}
    at = now()
    for delivery, sent in deliveries:
        session.add(_attempt(delivery, sent))
        _log(delivery, sent)
        push = held.get((delivery.push_id, delivery.lease))
        if push is not None:
            _settle(session, push, delivery, sent, at)


def _settle(session: Session, push: Push, delivery: Delivery, sent: Sent, at: datetime) -> None:
    if sent.is_switched_off:
        push.attempts -= 1
        next_state = switched_off(at, is_uncertain=delivery.is_uncertain)
    else:
        push.conflicts += sent.answer.outcome is Outcome.CONFLICT
        next_state = verdict(sent.answer, _effort(push, delivery), at)
    _tell(session, delivery, next_state)
    _move(push, delivery, next_state, at)
    _learn(session, push, delivery, sent)


def _move(push: Push, delivery: Delivery, next_state: Verdict, at: datetime) -> None:
    push.lease = push.leased_until = None
    # A doubt lasts until the platform was asked: that it could not be asked takes nothing away from it.
    is_doubted = next_state.is_uncertain or delivery.is_uncertain
    push.is_uncertain = is_doubted and next_state.status is not PushStatus.SUCCEEDED
    if next_state.status is PushStatus.SUCCEEDED:
        push.sent_version, push.sent_at = delivery.version, at
    if push.grade_version != delivery.version:
        # A later approval came while this one was on its way: it goes next.
        next_state = Verdict(status=PushStatus.TODO)
    push.status, push.reason = next_state.status, next_state.reason
    push.next_try_at = next_state.next_try_at or at
    push.is_result_due = next_state.status is PushStatus.SUCCEEDED


def _tell(session: Session, delivery: Delivery, next_state: Verdict) -> None:
    """Nobody's deed: the approval before it had a person."""
    kind = TOLD.get(next_state.status)
    if kind is not None:
        events.record(
            session,
            kind,
            course_id=delivery.course_id,
            person_id=None,
            placement_id=delivery.placement_id,
            details={"version": delivery.version},
        )


def _learn(session: Session, push: Push, delivery: Delivery, sent: Sent) -> None:
    """What the platform told on the way: its code, its clock, the address of the column."""
    push.last_code = sent.answer.code
    if sent.platform_timestamp and push.last_timestamp:
        push.last_timestamp = max(push.last_timestamp, sent.platform_timestamp.replace(microsecond=0))
    if isinstance(delivery, ColumnDelivery) and sent.line_item_url not in {None, delivery.line_item_url}:
        session.execute(
            update(ResourceLink)
            .where(ResourceLink.id == push.resource_link_id)
            .values(line_item_url=sent.line_item_url)
        )


def _effort(push: Push, delivery: Delivery) -> Effort:
    return Effort(
        attempts=push.attempts,
        conflicts=push.conflicts,
        give_up_at=push.give_up_at,
        product_family=delivery.product_family,
    )


def _log(delivery: Delivery, sent: Sent) -> None:
    """A platform that takes a score and drops it is an alarm: what we sent is wrong for it."""
    level = logging.ERROR if sent.answer.outcome is Outcome.IGNORED else logging.INFO
    details = {"push_id": delivery.push_id, "outcome": sent.answer.outcome.value, "status": sent.answer.code}
    log.log(level, "grade_push", extra=details)


def _attempt(delivery: Delivery, sent: Sent) -> PushAttempt:
    return PushAttempt(
        push_id=delivery.push_id,
        grade_version=delivery.version,
        timestamp=delivery.score.timestamp,
        outcome=sent.answer.outcome,
        code=sent.answer.code,
        reason="feature_off" if sent.is_switched_off else sent.answer.reason,
    )
