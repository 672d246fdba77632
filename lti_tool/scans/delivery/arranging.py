"""Which deliveries there must be, from the papers and approvals as they are: asked again at any time, it adds nothing.

A confirmed paper goes to the target of its exam; with a released grade its marked copy goes in place of the bare scan,
and carries it. What is not this student's paper any more is withdrawn, and where it lies in Moodle a person is told.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade
from lti_tool.grading.models import Review
from lti_tool.scans.delivery.journal import add_step
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget, LentKey
from lti_tool.scans.delivery.states import (
    IN_MOODLE,
    KEY_NEEDED,
    MOVES,
    OPEN,
    DeliveryState,
    Kind,
    Mode,
    StepKind,
)
from lti_tool.scans.models import Paper
from lti_tool.scans.states import PaperState

TAKEN_BACK, LATER_FILE, STOPPED = "taken_back", "later_file", "stopped"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One file that must lie in Moodle."""

    paper: Paper
    person_id: int
    kind: Kind
    approval_id: int | None


def arrange(session: Session, target: DeliveryTarget) -> None:
    """Bring the deliveries of a target into line with its papers."""
    session.refresh(target, with_for_update=True)
    if not target.is_active:
        return
    wanted = {_key(target, each): each for each in _wanted(session, target)}
    present = {delivery.key: delivery for delivery in _deliveries(session, target)}
    papers = {each.paper.id for each in wanted.values()}
    for key, delivery in present.items():
        if key not in wanted:
            _put_away(session, delivery, is_paper_kept=delivery.paper_id in papers)
    for key, each in wanted.items():
        if key in present:
            _want_again(session, present[key], each)
        else:
            _add(session, target, key, each)


def withdraw_open(session: Session, target: DeliveryTarget) -> None:
    """Nothing more is sent there."""
    for delivery in _deliveries(session, target):
        if delivery.state in OPEN and delivery.state != DeliveryState.RUNNING:
            change(session, delivery, DeliveryState.WITHDRAWN, STOPPED)


def change(
    session: Session, delivery: Delivery, to: DeliveryState, reason: str = "", *, by_id: int | None = None
) -> None:
    """Move a delivery that nobody is working on, and write it down."""
    assert to in MOVES[DeliveryState(delivery.state)]
    delivery.state, delivery.reason, delivery.next_try_at = to, reason, now()
    delivery.lease = delivery.leased_until = None
    if to == DeliveryState.QUEUED:
        delivery.tries, delivery.settled_by_id, delivery.draft = 0, None, None
    add_step(session, delivery.id, StepKind.QUEUED if to == DeliveryState.QUEUED else StepKind.ENDED, reason, by_id)
    session.flush()


def has_key(session: Session, delivery: Delivery) -> bool:
    """Whether its student has lent a key that still lives."""
    return (
        session.scalar(
            select(LentKey.id).where(
                LentKey.target_id == delivery.target_id,
                LentKey.person_id == delivery.person_id,
                LentKey.expires_at > now(),
            )
        )
        is not None
    )


def _wanted(session: Session, target: DeliveryTarget) -> list[Wanted]:
    confirmed = select(Paper).where(
        Paper.placement_id == target.placement_id, Paper.state == PaperState.CONFIRMED, Paper.person_id.is_not(None)
    )
    approvals = _released(session, target.placement_id) if target.mode == Mode.FEEDBACK else {}
    return [_of(target, paper, approvals) for paper in session.scalars(confirmed.order_by(Paper.id))]


def _of(target: DeliveryTarget, paper: Paper, approvals: dict[int, int]) -> Wanted:
    assert paper.person_id is not None
    approval = approvals.get(paper.person_id)
    kind = Kind.WORK if target.mode == Mode.HAND_IN else Kind.MARKED if approval else Kind.SCAN
    return Wanted(paper=paper, person_id=paper.person_id, kind=kind, approval_id=approval)


def _released(session: Session, placement_id: UUID) -> dict[int, int]:
    """The latest released approval of each person that came of marking work."""
    rows = session.execute(
        select(Approval.person_id, Approval.id)
        .join(Grade, Grade.id == Approval.grade_id)
        .join(ApprovalEnd, ApprovalEnd.approval_id == Approval.id)
        .join(Review, (Review.grade_id == Approval.grade_id) & (Review.grade_version == Approval.grade_version))
        .where(Grade.placement_id == placement_id, ApprovalEnd.kind == End.RELEASED)
        .order_by(Approval.grade_version)
    )
    return {person_id: approval_id for person_id, approval_id in rows}


def _key(target: DeliveryTarget, wanted: Wanted) -> str:
    parts = (
        wanted.paper.id,
        wanted.paper.sha256,
        wanted.person_id,
        target.course_id,
        target.number,
        wanted.kind,
        wanted.approval_id or "",
    )
    return hashlib.sha256(":".join(str(part) for part in parts).encode()).hexdigest()


def _deliveries(session: Session, target: DeliveryTarget) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery).where(Delivery.target_id == target.id).order_by(Delivery.created_at, Delivery.id)
    ).all()


def _put_away(session: Session, delivery: Delivery, *, is_paper_kept: bool) -> None:
    if delivery.state in IN_MOODLE and not is_paper_kept and delivery.paper.state != PaperState.PURGED:
        change(session, delivery, DeliveryState.CONFLICT, TAKEN_BACK)
    elif delivery.state == DeliveryState.CONFLICT and delivery.reason == TAKEN_BACK:
        return
    elif delivery.state in OPEN and delivery.state != DeliveryState.RUNNING:
        change(session, delivery, DeliveryState.WITHDRAWN, LATER_FILE if is_paper_kept else TAKEN_BACK)


def _want_again(session: Session, delivery: Delivery, wanted: Wanted) -> None:
    delivery.binding = wanted.paper.binding
    is_back = delivery.state == DeliveryState.CONFLICT and delivery.reason == TAKEN_BACK
    if is_back or delivery.state == DeliveryState.WITHDRAWN:
        _begin(session, delivery)


def _add(session: Session, target: DeliveryTarget, key: str, wanted: Wanted) -> None:
    delivery = Delivery(
        key=key,
        target_id=target.id,
        paper_id=wanted.paper.id,
        binding=wanted.paper.binding,
        person_id=wanted.person_id,
        kind=wanted.kind,
        approval_id=wanted.approval_id,
        next_try_at=now(),
    )
    session.add(delivery)
    session.flush()
    add_step(session, delivery.id, StepKind.QUEUED)
    if delivery.kind == Kind.WORK and not has_key(session, delivery):
        change(session, delivery, DeliveryState.BLOCKED, KEY_NEEDED)


def _begin(session: Session, delivery: Delivery) -> None:
    change(session, delivery, DeliveryState.QUEUED)
    if delivery.kind == Kind.WORK and not has_key(session, delivery):
        change(session, delivery, DeliveryState.BLOCKED, KEY_NEEDED)
