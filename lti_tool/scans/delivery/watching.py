"""Does what was handed in still lie in Moodle? Where drafts are off, students can replace it until the cut-off.

The service of the course looks each night; what differs is a conflict, and the markers mark our copy.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.moodle.client import Connect, MoodleAccess, MoodleClient, guarded
from lti_tool.moodle.standing import standing_of
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.arranging import change
from lti_tool.scans.delivery.comparing import fingerprint_of
from lti_tool.scans.delivery.journal import add_step
from lti_tool.scans.delivery.models import Delivery
from lti_tool.scans.delivery.states import DeliveryState, Kind, StepKind

WATCHED_FOR = timedelta(days=60)
AT_ONCE = 2_000
REPLACED = "replaced"


@dataclass(frozen=True, kw_only=True)
class _Brought:
    """What was handed in, and to which attempt."""

    number: int
    user: int
    attempt: int
    sha256: str


def compare_all(runtime: Runtime, *, connect: Connect = guarded) -> int:
    """Look at everything that was handed in lately; how many differ."""
    with transaction(runtime.engine) as session:
        wanted = (
            select(Delivery.id)
            .where(
                Delivery.kind == Kind.WORK,
                Delivery.state == DeliveryState.CONFIRMED,
                Delivery.confirmed_at > now() - WATCHED_FOR,
            )
            .order_by(Delivery.target_id, Delivery.id)
            .limit(AT_ONCE)
        )
        ids = list(session.scalars(wanted))
    return sum(_compare(runtime, delivery_id, connect) for delivery_id in ids)


def _compare(runtime: Runtime, delivery_id: object, connect: Connect) -> bool:
    with transaction(runtime.engine) as session:
        delivery = session.get_one(Delivery, delivery_id)
        course = find_moodle_course(session, runtime.secrets, delivery.target.course_id)
        brought = _Brought(
            number=delivery.target.number,
            user=int(delivery.person.sub),
            attempt=delivery.remote_attempt or 0,
            sha256=delivery.sha256,
        )
    if course is None:
        return False
    try:
        is_same = _is_same(runtime, course.access, brought, connect)
    except (PlatformFailed, NotAllowed):
        return False
    with transaction(runtime.engine) as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update={"of": Delivery})
        if delivery.state != DeliveryState.CONFIRMED:
            return False
        add_step(session, delivery.id, StepKind.COMPARED, "same" if is_same else REPLACED)
        if not is_same:
            change(session, delivery, DeliveryState.CONFLICT, REPLACED)
    return not is_same


def _is_same(runtime: Runtime, access: MoodleAccess, brought: _Brought, connect: Connect) -> bool:
    """A later attempt leaves the earlier one as it was."""
    with MoodleClient(runtime.engine, access, connect=connect) as client:
        standing = standing_of(client, brought.number, brought.user)
        if standing.attempt > brought.attempt:
            return True
        if len(standing.files) != 1 or standing.text:
            return False
        return fingerprint_of(client, standing.files[0]) in {None, brought.sha256}
