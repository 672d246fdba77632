"""From a validated launch to a bound one: person, course, membership, resource link, placement, and this browser.

In the usual case (everybody known, nothing changed) each row is read once and only the launch itself is written.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, lazyload

from lti_tool.accounts.capabilities import Capability, capabilities_of
from lti_tool.accounts.models import (
    BoundLaunch,
    Course,
    Membership,
    MembershipStatus,
    Person,
    Placement,
    PlacementKind,
    ResourceLink,
    Role,
)
from lti_tool.accounts.viewer import browser_hash
from lti_tool.activity import events
from lti_tool.db import Base, now
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.launch.placements import attach_placement
from lti_tool.launch.roles import role_of
from lti_tool.lti.claims import Claims, Message
from lti_tool.lti.launch import Launch
from lti_tool.lti.models import Deployment

LIFETIME = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=10)

Row = TypeVar("Row", bound=Base)


KNOWN = (
    select(Course, Person, Membership, ResourceLink, Placement)
    .select_from(Deployment)
    .outerjoin(Course, (Course.deployment_id == Deployment.id) & (Course.context_id == bindparam("context_id")))
    .outerjoin(Person, (Person.platform_id == bindparam("platform_id")) & (Person.sub == bindparam("sub")))
    .outerjoin(Membership, (Membership.course_id == Course.id) & (Membership.person_id == Person.id))
    .outerjoin(
        ResourceLink,
        (ResourceLink.course_id == Course.id) & (ResourceLink.resource_link_id == bindparam("resource_link_id")),
    )
    .outerjoin(Placement, Placement.id == ResourceLink.placement_id)
    .where(Deployment.id == bindparam("deployment_id"))
    .options(lazyload(Course.deployment), lazyload(Membership.person), lazyload(ResourceLink.placement))
)
"""Everything a launch touches that is there already, in one reading."""
BIND = insert(BoundLaunch).inline()


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A bound launch and what it opens: None for a link that is not set up."""

    launch_id: UUID
    placement_kind: PlacementKind | None


def enter(session: Session, launch: Launch, *, browser_id: str) -> Entered:
    """Store who came, where and as what; raises NotAllowed if the message is not for that role."""
    claims = launch.claims
    known = _known(session, launch)
    course = _course(session, launch, known.course)
    person = _person(session, launch, known.person)
    role = _member(session, course, person, claims, known.membership)
    link = _resource_link(session, course, launch, role, known.link)
    placement = known.placement
    if launch.message is Message.DEEP_LINKING:
        _require_manager(session, course, role)
    elif link is not None and placement is None:
        placement = attach_placement(session, course, link, claims.custom)
    launch_id = _bind(session, launch, browser_id, course, person, role, link)
    events.record(
        session,
        events.EventKind.LAUNCHED,
        course_id=course.id,
        person_id=person.id,
        placement_id=placement.id if placement else None,
    )
    session.flush()
    return Entered(launch_id=launch_id, placement_kind=PlacementKind(placement.kind) if placement else None)


class KnownRows(NamedTuple):
    """The rows of a launch that were there before it."""

    course: Course | None
    person: Person | None
    membership: Membership | None
    link: ResourceLink | None
    placement: Placement | None


def _known(session: Session, launch: Launch) -> KnownRows:
    claims = launch.claims
    values = {
        "deployment_id": launch.deployment_id,
        "context_id": _context_id(claims),
        "platform_id": launch.platform_id,
        "sub": claims.person.sub,
        "resource_link_id": claims.resource_link.id if claims.resource_link else None,
    }
    return KnownRows(*session.execute(KNOWN, values).one())


def _bind(
    session: Session,
    launch: Launch,
    browser_id: str,
    course: Course,
    person: Person,
    role: Role,
    link: ResourceLink | None,
) -> UUID:
    """Nobody reads the row in this request, so it is stored as columns: a row of the session costs several times."""
    claims, launch_id = launch.claims, uuid4()
    values = {
        "id": launch_id,
        "browser_hash": browser_hash(browser_id),
        "message": launch.message,
        "registration_id": launch.registration_id,
        "deployment_id": launch.deployment_id,
        "course_id": course.id,
        "resource_link_id": link.id if link else None,
        "person_id": person.id,
        "reviewed_person_id": _reviewed_person(session, launch, person, role),
        "role": role,
        "locale": claims.locale,
        "return_url": claims.return_url,
        "deep_linking": asdict(claims.deep_linking) if claims.deep_linking else None,
        "expires_at": now() + LIFETIME,
    }
    session.connection().execute(BIND, values)
    return launch_id


def _course(session: Session, launch: Launch, known: Course | None) -> Course:
    claims, services = launch.claims, launch.claims.services
    course = known or _stored(session, Course, deployment_id=launch.deployment_id, context_id=_context_id(claims))
    told = {"memberships_url": services.memberships_url, "line_items_url": services.line_items_url}
    if claims.context:
        told |= {"title": claims.context.title, "label": claims.context.label}
    _update(course, {name: value for name, value in told.items() if value})
    _mark_seen(course)
    return course


def _context_id(claims: Claims) -> str:
    """A launch without a context is a course of its own: sharing one would mix strangers."""
    if claims.context:
        return claims.context.id
    if claims.resource_link:
        return f"urn:lectern:link:{claims.resource_link.id}"
    return f"urn:lectern:person:{claims.person.sub}"


def _person(session: Session, launch: Launch, known: Person | None) -> Person:
    """What the platform shares is kept; what it leaves out this time does not erase what it shared before."""
    told = asdict(launch.claims.person)
    person = known or _stored(session, Person, platform_id=launch.platform_id, sub=told["sub"])
    _update(person, {name: value for name, value in told.items() if value})
    return person


def _member(session: Session, course: Course, person: Person, claims: Claims, known: Membership | None) -> Role:
    membership = known or _stored(session, Membership, course_id=course.id, person_id=person.id)
    role = role_of(claims.roles, roster_role=membership.roster_role)
    _update(membership, {"launch_role": role.value, "status": MembershipStatus.ACTIVE.value})
    _mark_seen(membership)
    return role


def _resource_link(
    session: Session, course: Course, launch: Launch, role: Role, known: ResourceLink | None
) -> ResourceLink | None:
    """The link of the message; a submission review may name its line item alone.

    The activity's number is not signed, so it is learnt from staff alone: a student's would lead others astray.
    """
    claims = launch.claims
    if claims.message is Message.DEEP_LINKING:
        return None
    if claims.resource_link is None:
        return _link_of_line_item(session, course, claims.services.line_item_url)
    link = known or _stored(session, ResourceLink, course_id=course.id, resource_link_id=claims.resource_link.id)
    told: dict[str, object] = {"title": claims.resource_link.title, "line_item_url": claims.services.line_item_url}
    if role is not Role.STUDENT:
        told["course_module"] = launch.course_module
    _update(link, {name: value for name, value in told.items() if value})
    return link


def _link_of_line_item(session: Session, course: Course, line_item_url: str | None) -> ResourceLink:
    found = session.scalars(
        select(ResourceLink).where(ResourceLink.course_id == course.id, ResourceLink.line_item_url == line_item_url)
    ).first()
    if found is None or line_item_url is None:
        raise NotFound("line_item_unknown", "This gradebook column belongs to no activity of the tool.")
    return found


def _require_manager(session: Session, course: Course, role: Role) -> None:
    if Capability.MANAGE not in capabilities_of(session, course.id, role):
        raise NotAllowed("deep_linking_not_allowed", "Only teachers may add activities to a course.", role=role)


def _reviewed_person(session: Session, launch: Launch, person: Person, role: Role) -> int | None:
    """Moodle signs a review of any student for any student (fact 3), so the right is decided here (X20)."""
    if launch.message is not Message.SUBMISSION_REVIEW:
        return None
    reviewed_sub = launch.claims.reviewed_sub
    if reviewed_sub is None or reviewed_sub == person.sub:
        return person.id
    if role is Role.STUDENT:
        raise NotAllowed("review_not_allowed", "You may only see your own work.")
    return _stored(session, Person, platform_id=launch.platform_id, sub=reviewed_sub).id


def _stored(session: Session, row_class: type[Row], **key: Any) -> Row:
    """The row with this unique key; two launches that both add it agree on one."""
    statement = select(row_class).filter_by(**key)
    found = session.scalar(statement)
    if found is None:
        session.execute(insert(row_class).values(**key).on_conflict_do_nothing())
        found = session.scalars(statement).one()
    return found


def _mark_seen(row: Course | Membership) -> None:
    """Written seldom: all launches of a course would wait for each other's row."""
    if row.last_launch_at is None or row.last_launch_at < now() - SEEN_EVERY:
        row.last_launch_at = now()


def _update(row: Base, values: dict[str, Any]) -> None:
    """Set what differs, so that an unchanged row is not written."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
