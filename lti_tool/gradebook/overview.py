"""Every student of a placement with grade, approval, push, and what the platform shows: for who may grade."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Membership, MembershipStatus, Person, Placement, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.anonymity import is_hidden, shown_name
from lti_tool.gradebook.grades import graded_placement
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade, Push, PushStatus


class GradeState(StrEnum):
    """Where a grade is on its way, as the teacher needs to know it."""

    NONE = "none"
    DRAFT = "draft"
    CHANGED = "changed"
    HELD = "held"
    UNLINKED = "unlinked"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    OVERRIDDEN = "overridden"
    FAILED = "failed"


PUSHED = {
    PushStatus.TODO: GradeState.WAITING,
    PushStatus.DOING: GradeState.SENDING,
    PushStatus.SUCCEEDED: GradeState.SENT,
    PushStatus.OVERRIDDEN: GradeState.OVERRIDDEN,
    PushStatus.FAILED: GradeState.FAILED,
}
NEEDS_A_PERSON = list(PUSHED)
"""Of several columns the one that shows is the one that most needs somebody: later in this order."""


@dataclass(frozen=True, kw_only=True)
class GradeRow:
    """One student of the table; `name` is a code where whoever marks must not know whose work it is."""

    person: Person
    grade: Grade | None
    approval: Approval | None
    approved_by: Person | None
    push: Push | None
    is_own: bool
    name: str
    is_hidden: bool = False
    is_released: bool = False

    @property
    def state(self) -> GradeState:
        if self.grade is None:
            return GradeState.NONE
        if self.approval is None:
            return GradeState.DRAFT
        if self.approval.grade_version != self.grade.version:
            return GradeState.CHANGED
        if not self.is_released:
            return GradeState.HELD
        return PUSHED[PushStatus(self.push.status)] if self.push else GradeState.UNLINKED

    @property
    def can_be_approved(self) -> bool:
        return self.state in {GradeState.DRAFT, GradeState.CHANGED} and not self.is_own

    @property
    def can_be_resent(self) -> bool:
        wants_it = {GradeState.FAILED, GradeState.OVERRIDDEN, GradeState.SENT, GradeState.UNLINKED}
        return self.state in wants_it and not self.is_own

    @property
    def result(self) -> tuple[Decimal | None, Decimal | None, datetime] | None:
        """Score, maximum and when it was read; None while nobody has looked."""
        if self.push is None or self.push.result_read_at is None:
            return None
        return self.push.result_score, self.push.result_maximum, self.push.result_read_at


def graded_placements(session: Session, viewer: Viewer) -> list[Placement]:
    """What has grades in the viewer's course."""
    viewer.require(Capability.GRADE)
    wanted = select(Placement).where(Placement.course_id == viewer.course_id, Placement.points.is_not(None))
    return list(session.scalars(wanted.order_by(func.lower(Placement.title), Placement.id)))


def grade_rows(session: Session, viewer: Viewer, placement_id: UUID) -> list[GradeRow]:
    """The students of the course, and whoever else has a grade, by name."""
    placement = graded_placement(session, viewer, placement_id)
    pushes = _pushes(session, placement)
    rows = [
        GradeRow(
            person=person,
            grade=grade,
            approval=approval,
            approved_by=approver,
            push=pushes.get(person.id),
            is_own=person.id == viewer.person_id,
            name=shown_name(placement, person, is_released=released is not None),
            is_hidden=is_hidden(placement, is_released=released is not None),
            is_released=approval is not None and released == approval.grade_version,
        )
        for person, grade, approval, approver, released in session.execute(_people(placement)).all()
    ]
    # The order of hidden names must not be that of the people's own.
    return sorted(rows, key=lambda row: row.name) if any(row.is_hidden for row in rows) else rows


# The outer joins make all but the person optional, which their types do not say.
def _people(placement: Placement) -> Select[Person, Grade, Approval, Person, int]:
    approver = aliased(Person)
    latest = _latest_version(ApprovalEnd.kind.is_(None) | (ApprovalEnd.kind == End.RELEASED))
    released = _latest_version(ApprovalEnd.kind == End.RELEASED)
    is_student = and_(
        Membership.status == MembershipStatus.ACTIVE,
        func.coalesce(Membership.launch_role, Membership.roster_role, Role.STUDENT) == Role.STUDENT,
    )
    return (
        select(Person, Grade, Approval, approver, released)
        .join(Membership, and_(Membership.person_id == Person.id, Membership.course_id == placement.course_id))
        .outerjoin(Grade, and_(Grade.person_id == Person.id, Grade.placement_id == placement.id))
        .outerjoin(Approval, and_(Approval.grade_id == Grade.id, Approval.grade_version == latest))
        .outerjoin(approver, approver.id == Approval.approved_by_id)
        .where(or_(is_student, Grade.id.is_not(None)))
        .order_by(func.lower(Person.family_name), func.lower(Person.name), Person.id)
    )


def _latest_version(wanted: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.max(Approval.grade_version))
        .outerjoin(ApprovalEnd, ApprovalEnd.approval_id == Approval.id)
        .where(Approval.grade_id == Grade.id, wanted)
        .correlate(Grade)
        .scalar_subquery()
    )


def _pushes(session: Session, placement: Placement) -> dict[int, Push]:
    pushes = session.scalars(
        select(Push).join(Grade, Grade.id == Push.grade_id).where(Grade.placement_id == placement.id)
    )
    in_order = sorted(pushes, key=lambda push: NEEDS_A_PERSON.index(PushStatus(push.status)))
    return {push.person_id: push for push in in_order}
