"""Claim what is due, deliver it, write down what came of it. Rows are the truth; a job is only a nudge to look at them.

Whoever holds the lease of a delivery is the only one who works on it, and on this student's files in that assignment.
A lease that ran out is taken over: its successor begins by looking at what stands in Moodle.
"""

import logging
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from lti_tool.accounts import audit
from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput, NotAllowed, PlatformFailed, ToolError
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.feedback import deliver_feedback
from lti_tool.scans.delivery.journal import LEASE, Journal, KeyGone, LeaseLost, add_step
from lti_tool.scans.delivery.models import Delivery, LentKey
from lti_tool.scans.delivery.own_work import deliver_work
from lti_tool.scans.delivery.packing import pack
from lti_tool.scans.delivery.parcels import Claimed, Parcel
from lti_tool.scans.delivery.states import DUE, KEY_NEEDED, DeliveryState, Kind, StepKind
from lti_tool.scans.delivery.verdicts import OFF_WAIT, Verdict, blocked, failed_call, later
from lti_tool.site_settings.switches import Feature

log = logging.getLogger(__name__)
AT_ONCE = 200
DAMAGED = frozenset({"file_missing", "file_changed"})
KEY_REASONS = frozenset({"token_refused", "key_of_another"})
"""With these the student's key is worth nothing, and is forgotten."""


def deliver_due(runtime: Runtime, *, connect: Connect = guarded) -> int:
    """Deliver what is due; how many were tried."""
    for tried in range(AT_ONCE):
        claimed = _claim(runtime)
        if claimed is None:
            return tried
        deliver(runtime, claimed, connect=connect)
    return AT_ONCE


def claim(session: Session) -> Claimed | None:
    """Take what is due longest and nobody works on."""
    delivery = session.scalar(
        select(Delivery)
        .where(_is_due(), ~_is_busy())
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    if delivery is None:
        return None
    delivery.state, delivery.lease, delivery.leased_until = DeliveryState.RUNNING, uuid4(), now() + LEASE
    delivery.tries += 1
    add_step(session, delivery.id, StepKind.CLAIMED, str(delivery.tries))
    session.flush()
    return Claimed(delivery_id=delivery.id, lease=delivery.lease, tries=delivery.tries)


def deliver(runtime: Runtime, claimed: Claimed, *, connect: Connect = guarded) -> None:
    """Work on a claimed delivery until it is there, waits, or needs a person."""
    try:
        verdict = _worked(runtime, claimed, connect)
    except LeaseLost:
        return
    except Exception:
        # A defect: a person is told, and the next worker does not run into it again at once.
        log.exception("delivery_defect", extra={"delivery_id": str(claimed.delivery_id)})
        verdict = blocked("defect")
    with transaction(runtime.engine) as session:
        settle(session, claimed, verdict)


def settle(session: Session, claimed: Claimed, verdict: Verdict) -> None:
    """Write the next state down, unless the lease has passed to somebody else."""
    delivery = session.get(Delivery, claimed.delivery_id, with_for_update={"of": Delivery}, populate_existing=True)
    if delivery is None or delivery.lease != claimed.lease:
        return
    delivery.state, delivery.reason, delivery.next_try_at = (
        verdict.state,
        verdict.reason,
        verdict.next_try_at(claimed.tries),
    )
    delivery.lease = delivery.leased_until = None
    if not verdict.counts:
        delivery.tries -= 1
    if verdict.state == DeliveryState.CONFIRMED:
        delivery.confirmed_at = now()
        delivery.remote_attempt, delivery.remote_changed_at = verdict.attempt, verdict.changed_at
    _forget_key(session, delivery, verdict)
    add_step(session, delivery.id, StepKind.ENDED, ":".join(part for part in (verdict.state, verdict.reason) if part))
    session.flush()
    _tell(session, delivery)


def _claim(runtime: Runtime) -> Claimed | None:
    """None also where another worker took the same student's file in this very moment: its end nudges nobody."""
    try:
        with transaction(runtime.engine) as session:
            return claim(session)
    except IntegrityError:
        return None


def _is_due() -> ColumnElement[bool]:
    waiting = and_(Delivery.state.in_(DUE), Delivery.next_try_at <= now())
    return or_(waiting, and_(Delivery.state == DeliveryState.RUNNING, Delivery.leased_until < now()))


def _is_busy() -> ColumnElement[bool]:
    """Somebody works on other files of this student in the same assignment."""
    other = aliased(Delivery)
    return exists().where(
        other.target_id == Delivery.target_id,
        other.person_id == Delivery.person_id,
        other.id != Delivery.id,
        other.state == DeliveryState.RUNNING,
    )


def _worked(runtime: Runtime, claimed: Claimed, connect: Connect) -> Verdict:
    packed = _packed(runtime, claimed)
    if isinstance(packed, Verdict):
        return packed
    journal = Journal(engine=runtime.engine, delivery_id=claimed.delivery_id, lease=claimed.lease)
    try:
        return _sent(runtime, packed, journal, connect)
    except KeyGone:
        return blocked(KEY_NEEDED)
    except NotAllowed as error:
        if error.code != "feature_off":
            raise
        return later("feature_off", OFF_WAIT)
    except PlatformFailed as error:
        return failed_call(error, claimed.tries)


def _packed(runtime: Runtime, claimed: Claimed) -> Parcel | Verdict:
    try:
        with transaction(runtime.engine) as session:
            return pack(runtime, session, session.get_one(Delivery, claimed.delivery_id))
    except InvalidInput:
        return blocked("no_copy")
    except ToolError as error:
        if error.code not in DAMAGED:
            raise
        return blocked("file_damaged")


def _sent(runtime: Runtime, parcel: Parcel, journal: Journal, connect: Connect) -> Verdict:
    """A grade is said again only where grades may be sent."""
    features = (Feature.GRADE_PUSH,) if parcel.grade else ()
    with MoodleClient(runtime.engine, parcel.access, connect=connect, features=features) as client:
        send = deliver_work if parcel.kind == Kind.WORK else deliver_feedback
        return send(client, parcel, journal)


def _forget_key(session: Session, delivery: Delivery, verdict: Verdict) -> None:
    """A key is kept no longer than it is needed."""
    is_useless = verdict.state == DeliveryState.CONFIRMED or verdict.reason in KEY_REASONS
    if delivery.kind == Kind.WORK and is_useless:
        session.execute(
            delete(LentKey).where(LentKey.target_id == delivery.target_id, LentKey.person_id == delivery.person_id)
        )


def _tell(session: Session, delivery: Delivery) -> None:
    """Nobody's deed: a person confirmed the paper before it."""
    if delivery.state in {DeliveryState.CONFIRMED, DeliveryState.CONFLICT, DeliveryState.BLOCKED}:
        audit.record(
            session,
            f"scans.delivery_{delivery.state}",
            course_id=delivery.target.course_id,
            object_type="paper",
            object_id=delivery.paper_id,
            details={
                "delivery": delivery.id,
                "kind": delivery.kind,
                "reason": delivery.reason,
                "sha256": delivery.sha256,
                "assignment": delivery.target.number,
                "attempt": delivery.remote_attempt,
            },
        )
