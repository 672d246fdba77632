"""Where a confirmed paper is, in Moodle's assignment or on its way there: for its student."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.scans.delivery.board import address_of
from lti_tool.scans.delivery.keys import find_own_delivery
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget
from lti_tool.scans.delivery.states import DUE, FOR_A_PERSON, IN_MOODLE, KEY_NEEDED, DeliveryState, Mode
from lti_tool.scans.delivery.targets import active_target
from lti_tool.scans.models import Paper
from lti_tool.scans.states import PaperState


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """`needs_key`: only its student can hand the paper in."""

    target: DeliveryTarget
    delivery: Delivery | None
    url: str
    is_there: bool
    is_on_its_way: bool
    needs_key: bool
    is_stuck: bool


def whereabouts(session: Session, paper: Paper) -> Whereabouts | None:
    """None where papers of this exam stay here, or where this one is not confirmed."""
    target = active_target(session, paper.placement_id)
    if target is None or paper.state != PaperState.CONFIRMED or paper.person_id is None:
        return None
    found = find_own_delivery(session, target, paper.person_id)
    state = found.state if found else None
    needs_key = target.mode == Mode.HAND_IN and (found is None or found.reason == KEY_NEEDED)
    return Whereabouts(
        target=target,
        delivery=found,
        url=address_of(session, target),
        is_there=state in IN_MOODLE,
        is_on_its_way=not needs_key and (state is None or state in DUE or state == DeliveryState.RUNNING),
        needs_key=needs_key,
        is_stuck=state in FOR_A_PERSON and not needs_key,
    )
