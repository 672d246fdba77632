"""The people of the viewer's course, page by page, and who of them is staff although the roster says student."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability, capabilities_of
from lti_tool.accounts.models import Membership, MembershipStatus, Person, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound

PAGE = 50
LAUNCH_ROLE_HOLDS = timedelta(days=180)
"""A role that a launch showed counts this long beside the roster's: Moodle's roster calls assistants learners."""
STAFF = (Role.TEACHER, Role.NON_EDITING_TEACHER)
STRENGTH = {role: -place for place, role in enumerate(Role)}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the table. `can_be_told`: nothing but the roster says what this person is, so a teacher may."""

    membership_id: int
    name: str
    role: Role
    is_active: bool
    last_launch_at: datetime | None
    can_be_told: bool


@dataclass(frozen=True, kw_only=True)
class People:
    """One page of the table."""

    entries: list[Entry]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def people_of(session: Session, viewer: Viewer, *, page: int) -> People:
    """The given page, active people first, by name; a page beyond the last is the last."""
    viewer.require(Capability.MANAGE)
    of_course = Membership.course_id == viewer.course_id
    total = session.scalars(select(func.count()).select_from(Membership).where(of_course)).one()
    page = max(1, min(page, -(-total // PAGE)))
    rows = session.scalars(
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(of_course)
        .order_by(Membership.status, func.lower(Person.family_name), func.lower(Person.name), Person.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return People(entries=[_entry(row) for row in rows], total=total, page=page)


def tell_role(session: Session, viewer: Viewer, membership_id: int, *, is_staff: bool) -> Membership:
    """Count somebody as staff whom the roster calls a student, or as a student again. Gives no right: a launch does.

    Moodle's roster calls non-editing teachers learners, so they stood among the students until they came themselves.
    """
    viewer.require(Capability.MANAGE)
    wanted = select(Membership).where(Membership.id == membership_id, Membership.course_id == viewer.course_id)
    membership = session.scalar(wanted.with_for_update(of=Membership))
    if membership is None:
        raise NotFound("person_unknown", "This person is not in the course.")
    if not _can_be_told(membership):
        raise InvalidInput("role_known", "The platform has said by now what this person is.")
    membership.launch_role = Role.NON_EDITING_TEACHER if is_staff else None
    session.flush()
    details = {"is_staff": is_staff}
    audit.by(session, viewer, "member.role_told", object_type="membership", object_id=membership.id, details=details)
    return membership


def effective_role(membership: Membership) -> Role:
    """The stronger of the roster's role and what a launch showed lately; a student without either."""
    seen_at = membership.last_launch_at
    # Without a launch it is what a teacher told (`tell_role`), which holds until the person's own.
    is_recent = membership.roster_role is None or seen_at is None or seen_at > now() - LAUNCH_ROLE_HOLDS
    roles = [membership.roster_role, membership.launch_role if is_recent else None]
    return max((Role(role) for role in roles if role), key=STRENGTH.__getitem__, default=Role.STUDENT)


def staff_of(session: Session, course_id: int, capability: Capability) -> list[Person]:
    """The teachers and assistants of a course who may do this; never an administrator who only looked in."""
    members = session.scalars(
        select(Membership)
        .where(Membership.course_id == course_id, Membership.status == MembershipStatus.ACTIVE)
        .where(or_(Membership.roster_role.in_(STAFF), Membership.launch_role.in_(STAFF)))
        .order_by(Membership.id)
    )
    able = {role for role in STAFF if capability in capabilities_of(session, course_id, role)}
    return [member.person for member in members if effective_role(member) in able]


def _entry(membership: Membership) -> Entry:
    return Entry(
        membership_id=membership.id,
        name=membership.person.display_name,
        role=effective_role(membership),
        is_active=membership.status == "active",
        last_launch_at=membership.last_launch_at,
        can_be_told=_can_be_told(membership),
    )


def _can_be_told(membership: Membership) -> bool:
    is_learner = membership.roster_role == Role.STUDENT and membership.launch_role != Role.STUDENT
    return is_learner and membership.last_launch_at is None
