"""The deliveries of an exam for staff, what waits for a person first; trying one again, and seeing to one by hand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.delivery.arranging import arrange, change
from lti_tool.scans.delivery.journal import add_step
from lti_tool.scans.delivery.models import Delivery, DeliveryStep, DeliveryTarget
from lti_tool.scans.delivery.states import (
    FOR_A_PERSON,
    KEY_NEEDED,
    SETTLEABLE,
    DeliveryState,
    StepKind,
)
from lti_tool.scans.delivery.targets import active_target
from lti_tool.scans.exam import exam_of

ORDER = [
    *(DeliveryState.CONFLICT, DeliveryState.BLOCKED, DeliveryState.RETRY, DeliveryState.QUEUED),
    *(DeliveryState.RUNNING, DeliveryState.SETTLED, DeliveryState.CONFIRMED, DeliveryState.WITHDRAWN),
]
LONGEST_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class DeliveryBoard:
    """`url` leads to the assignment in Moodle."""

    target: DeliveryTarget | None
    url: str
    deliveries: Sequence[Delivery]
    counts: Counter[str]


def delivery_board(session: Session, viewer: Viewer) -> DeliveryBoard:
    """Everything of the exam, also of a target that was chosen before."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    target = active_target(session, exam.id)
    if target is not None:
        arrange(session, target)
    found = session.scalars(
        select(Delivery)
        .join(DeliveryTarget, DeliveryTarget.id == Delivery.target_id)
        .where(DeliveryTarget.placement_id == exam.id)
    ).all()
    shown = [each for each in found if each.state != DeliveryState.WITHDRAWN]
    return DeliveryBoard(
        target=target,
        url=address_of(session, target) if target else "",
        deliveries=sorted(shown, key=_order),
        counts=Counter(each.state for each in shown),
    )


def address_of(session: Session, target: DeliveryTarget) -> str:
    """The assignment's page in Moodle, which decides itself what it shows to whom."""
    course = session.get_one(Course, target.course_id)
    issuer = course.deployment.registration.platform.issuer.rstrip("/")
    return f"{issuer}/mod/assign/view.php?id={target.module}"


def steps_of(session: Session, delivery: Delivery) -> Sequence[DeliveryStep]:
    """Everything that was done for it, from the first."""
    return session.scalars(
        select(DeliveryStep).where(DeliveryStep.delivery_id == delivery.id).order_by(DeliveryStep.id)
    ).all()


def delivery_for(session: Session, viewer: Viewer, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    """A delivery of the viewer's exam, for staff; raises NotFound."""
    viewer.require(Capability.HANDLE_SCANS)
    wanted = (
        select(Delivery)
        .join(DeliveryTarget, DeliveryTarget.id == Delivery.target_id)
        .where(DeliveryTarget.placement_id == exam_of(session, viewer).id, Delivery.id == delivery_id)
    )
    if lock:
        wanted = wanted.with_for_update(of=Delivery).execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("delivery_unknown")
    return found


def try_again(session: Session, viewer: Viewer, delivery_id: UUID) -> Delivery:
    """Look at what stands in Moodle and go on from there. A second click changes nothing; raises InvalidInput."""
    delivery = delivery_for(session, viewer, delivery_id, lock=True)
    if delivery.state in {DeliveryState.QUEUED, DeliveryState.RUNNING}:
        return delivery
    if delivery.state not in SETTLEABLE or not delivery.target.is_active:
        raise InvalidInput("delivery_over", "There is nothing to try again: the file is in Moodle, or was called back.")
    if delivery.reason == KEY_NEEDED:
        raise InvalidInput("key_needed", "Only the student can hand this paper in, with a key of their own.")
    change(session, delivery, DeliveryState.QUEUED, by_id=viewer.person_id)
    _tell(session, viewer, delivery, "scans.delivery_again")
    return delivery


def settle_by_hand(session: Session, viewer: Viewer, delivery_id: UUID, note: str) -> Delivery:
    """A person has seen to it in Moodle, and says how. Raises InvalidInput."""
    delivery = delivery_for(session, viewer, delivery_id, lock=True)
    note = " ".join(note.split())
    if not note or len(note) > LONGEST_NOTE:
        raise InvalidInput(
            "note_needed", "Say in at most %(longest)s characters what you did in Moodle.", {"longest": LONGEST_NOTE}
        )
    if delivery.state not in SETTLEABLE:
        raise InvalidInput("delivery_changed", "This delivery was changed meanwhile. Look at it again.")
    if delivery.person_id == viewer.person_id:
        raise InvalidInput("own_paper", "Nobody sees to a paper of their own.")
    delivery.note, delivery.settled_by_id = note, viewer.person_id
    delivery.state, delivery.reason = DeliveryState.SETTLED, ""
    add_step(session, delivery.id, StepKind.SETTLED, by_id=viewer.person_id)
    session.flush()
    _tell(session, viewer, delivery, "scans.delivery_settled")
    return delivery


def waiting_for_staff(board: DeliveryBoard) -> int:
    """How many need a person of the staff; keys that students owe are not theirs to give."""
    return sum(each.state in FOR_A_PERSON and each.reason != KEY_NEEDED for each in board.deliveries)


def _order(delivery: Delivery) -> tuple[int, str, str, str]:
    person = delivery.person
    place = ORDER.index(DeliveryState(delivery.state))
    return place, person.family_name.lower(), person.display_name.lower(), str(delivery.id)


def _tell(session: Session, viewer: Viewer, delivery: Delivery, action: str) -> None:
    details = {"delivery": delivery.id, "kind": delivery.kind}
    audit.by(session, viewer, action, object_type="paper", object_id=delivery.paper_id, details=details)
