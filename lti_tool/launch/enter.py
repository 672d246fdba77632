"""From a validated launch to a bound one: person, course, membership, resource link, placement, and this browser.

In the usual case (everybody known, nothing changed) each row is read once and only the launch itself is written.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability, capabilities_of
from lti_tool.accounts.models import BoundLaunch, Course, Membership, MembershipStatus, Person, ResourceLink, Role
from lti_tool.accounts.viewer import browser_hash
from lti_tool.activity import events
from lti_tool.db import Base, now
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.launch.placements import attach_placement
from lti_tool.launch.roles import role_of
from lti_tool.lti.claims import Claims, Message
from lti_tool.lti.launch import Launch
from lti_tool.lti.models import Platform

LIFETIME = timedelta(hours=12)
COURSE_SEEN_EVERY = timedelta(minutes=10)
"""A course's row is written seldom: all launches of the course would wait for each other."""

Row = TypeVar("Row", bound=Base)


def enter(session: Session, launch: Launch, *, browser_id: str) -> BoundLaunch:
    """Store who came, where and as what; raises NotAllowed if the message is not for that role."""
    claims = launch.claims
    _learn_platform(session, launch)
    course = _course(session, launch)
    person = _person(session, launch.platform_id, claims)
    role = _member(session, course, person, claims)
    link = _resource_link(session, course, claims)
    if launch.message is Message.DEEP_LINKING:
        _require_manager(session, course, role)
    elif link is not None:
        attach_placement(session, course, link, claims.custom)
    bound = BoundLaunch(
        browser_hash=browser_hash(browser_id),
        message=launch.message,
        registration_id=launch.registration_id,
        deployment_id=launch.deployment_id,
        course_id=course.id,
        resource_link_id=link.id if link else None,
        person_id=person.id,
        reviewed_person_id=_reviewed_person(session, launch, person, role),
        role=role,
        locale=claims.locale,
        return_url=claims.return_url,
        deep_linking=asdict(claims.deep_linking) if claims.deep_linking else None,
        expires_at=now() + LIFETIME,
    )
    session.add(bound)
    session.flush()
    _record(session, bound, link)
    return bound


def _learn_platform(session: Session, launch: Launch) -> None:
    platform = session.get_one(Platform, launch.platform_id)
    _update(platform, {name: value for name, value in asdict(launch.claims.platform).items() if value})


def _course(session: Session, launch: Launch) -> Course:
    claims = launch.claims
    course = _stored(session, Course, deployment_id=launch.deployment_id, context_id=_context_id(claims))
    services = claims.services
    known = {"memberships_url": services.memberships_url, "line_items_url": services.line_items_url}
    if claims.context:
        known |= {"title": claims.context.title, "label": claims.context.label}
    _update(course, {name: value for name, value in known.items() if value})
    if course.last_launch_at is None or course.last_launch_at < now() - COURSE_SEEN_EVERY:
        course.last_launch_at = now()
    return course


def _context_id(claims: Claims) -> str:
    """A launch without a context is a course of its own: sharing one would mix strangers."""
    if claims.context:
        return claims.context.id
    if claims.resource_link:
        return f"urn:lectern:link:{claims.resource_link.id}"
    return f"urn:lectern:person:{claims.person.sub}"


def _person(session: Session, platform_id: int, claims: Claims) -> Person:
    """What the platform shares is kept; what it leaves out this time does not erase what it shared before."""
    person = _stored(session, Person, platform_id=platform_id, sub=claims.person.sub)
    _update(person, {name: value for name, value in asdict(claims.person).items() if value and name != "sub"})
    return person


def _member(session: Session, course: Course, person: Person, claims: Claims) -> Role:
    membership = _stored(session, Membership, course_id=course.id, person_id=person.id)
    role = role_of(claims.roles, roster_role=membership.roster_role)
    _update(membership, {"launch_role": role.value, "status": MembershipStatus.ACTIVE.value})
    membership.last_launch_at = now()
    return role


def _resource_link(session: Session, course: Course, claims: Claims) -> ResourceLink | None:
    """The link of the message; a submission review may name its line item alone."""
    if claims.message is Message.DEEP_LINKING:
        return None
    if claims.resource_link is None:
        return _link_of_line_item(session, course, claims.services.line_item_url)
    link = _stored(session, ResourceLink, course_id=course.id, resource_link_id=claims.resource_link.id)
    known = {"title": claims.resource_link.title, "line_item_url": claims.services.line_item_url}
    _update(link, {name: value for name, value in known.items() if value})
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


def _record(session: Session, bound: BoundLaunch, link: ResourceLink | None) -> None:
    events.record(
        session,
        events.EventKind.LAUNCHED,
        course_id=bound.course_id,
        person_id=bound.person_id,
        placement_id=link.placement_id if link else None,
    )


def _stored(session: Session, row_class: type[Row], **key: Any) -> Row:
    """The row with this unique key; two launches that both add it agree on one."""
    statement = select(row_class).filter_by(**key)
    found = session.scalar(statement)
    if found is None:
        session.execute(insert(row_class).values(**key).on_conflict_do_nothing())
        found = session.scalars(statement).one()
    return found


def _update(row: Base, values: dict[str, Any]) -> None:
    """Set what differs, so that an unchanged row is not written."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
