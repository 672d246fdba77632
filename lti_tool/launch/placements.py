"""Which placement a resource link shows: its own, the one its `custom` names, or a copy made for a copied course.

`custom.placement` is only a hint (fact 4: teachers can edit it), so it is checked against our own rows. A placement of
another course is never served: if the platform says that this course was copied from that one (`$Context.id.history`),
its settings are cloned; otherwise the link counts as not set up (X21).
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateArg

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Placement, ResourceLink
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.gradebook.assignments.checking import find_assignment
from lti_tool.launch.choices import Choice


def attach_placement(
    session: Session, course: Course, link: ResourceLink, custom: Mapping[str, str]
) -> Placement | None:
    """The placement of a link: the one it has, or the one it was made for, which is then attached."""
    if link.placement_id is not None:
        return session.get_one(Placement, link.placement_id)
    original = _hinted(session, custom.get("placement", ""))
    if original is None:
        return None
    if not _is_still_free(session, link):
        return session.get_one(Placement, link.placement_id)
    attached = _fitting(session, course, original, custom)
    link.placement_id = attached.id if attached else None
    return attached


def _fitting(session: Session, course: Course, original: Placement, custom: Mapping[str, str]) -> Placement | None:
    """The original in its own course, a copy for a duplicate or a copied course, nothing for any other."""
    if original.course_id == course.id:
        return _copy(session, course, original) if _is_shown(session, original) else original
    return _copy(session, course, original) if _is_copied_from(session, course, original, custom) else None


def set_up(session: Session, viewer: Viewer, choice: Choice) -> Placement:
    """A teacher says what a link is that was made without the picker; a second answer changes nothing."""
    link = session.get(ResourceLink, viewer.resource_link_id)
    if link is None:
        raise NotFound("link_unknown")
    if not _is_still_free(session, link):
        return session.get_one(Placement, link.placement_id)
    placement = add_placement(session, viewer, choice)
    link.placement_id = placement.id
    return placement


def add_placement(session: Session, viewer: Viewer, choice: Choice) -> Placement:
    """A new placement in the viewer's course."""
    viewer.require(Capability.MANAGE)
    placement = Placement(
        course_id=viewer.course_id,
        kind=choice.kind,
        title=choice.title,
        description=choice.description,
        points=choice.points,
        due_at=choice.due_at,
        options=choice.options,
        created_by_id=viewer.person_id,
    )
    session.add(placement)
    session.flush()
    audit.record(
        session,
        "placement.created",
        course_id=placement.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="placement",
        object_id=placement.id,
        details={"kind": placement.kind},
    )
    return placement


def _is_still_free(session: Session, link: ResourceLink) -> bool:
    """Two first launches at once must not both make a copy: the second waits here, then sees the first's."""
    session.refresh(link, with_for_update=ForUpdateArg(of=ResourceLink))
    return link.placement_id is None


def _hinted(session: Session, hint: str) -> Placement | None:
    """Never a Moodle assignment: its work is handed in to Moodle, and no link leads there."""
    try:
        found = session.get(Placement, UUID(hint))
    except ValueError:
        return None
    return None if found is None or find_assignment(session, found) is not None else found


def _is_shown(session: Session, placement: Placement) -> bool:
    """Whether another link has it already: an activity duplicated within its course."""
    return bool(session.scalar(select(exists().where(ResourceLink.placement_id == placement.id))))


def _is_copied_from(session: Session, course: Course, original: Placement, custom: Mapping[str, str]) -> bool:
    """Whether the platform, and not a teacher's custom parameter alone, ties this course to the other."""
    source = session.get_one(Course, original.course_id)
    history = {part.strip() for part in custom.get("context_history", "").split(",")}
    return source.deployment_id == course.deployment_id and source.context_id in history


def _copy(session: Session, course: Course, original: Placement) -> Placement:
    """The settings without the past: no due date of last year, no work, no grade."""
    made_before = session.scalar(
        select(Placement).where(Placement.course_id == course.id, Placement.copied_from_id == original.id)
    )
    if made_before is not None and not _is_shown(session, made_before):
        return made_before
    copy = Placement(
        course_id=course.id,
        kind=original.kind,
        title=original.title,
        description=original.description,
        points=original.points,
        options=dict(original.options),
        # The table keeps one copy of an original in a course; a second link to the same original is on its own.
        copied_from_id=None if made_before else original.id,
    )
    session.add(copy)
    session.flush()
    audit.record(
        session,
        "placement.copied",
        course_id=course.id,
        object_type="placement",
        object_id=copy.id,
        details={"from": original.id, "kind": copy.kind},
    )
    return copy
