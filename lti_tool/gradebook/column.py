"""The gradebook column behind a placement: does the connection work, and make the column where there is none."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Placement, ResourceLink
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.gradebook.assignments.checking import check_assignment, find_assignment
from lti_tool.gradebook.batch import push_clearance
from lti_tool.gradebook.grades import graded_placement
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.line_items import GradebookColumn, find_line_item, make_line_item, read_line_item
from lti_tool.lti.services import PlatformConnector
from lti_tool.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Column:
    """A placement's link with its course: where its column is, or should be."""

    placement: Placement
    link: ResourceLink
    course: Course


def check_connection(runtime: Runtime, session: Session, viewer: Viewer, placement_id: UUID) -> GradebookColumn:
    """Get a token and read the column, as a push would; raises what stands in the way."""
    assignment = find_assignment(session, graded_placement(session, viewer, placement_id))
    if assignment is not None:
        return check_assignment(runtime, session, assignment)
    column = _column(session, viewer, placement_id)
    connector = _connector(runtime, column)
    try:
        url = column.link.line_item_url or _find(connector, column)
        if url is None:
            raise NotFound("no_column", "This activity has no column in the gradebook.")
        return read_line_item(connector, url)
    finally:
        connector.close()


def make_column(runtime: Runtime, session: Session, viewer: Viewer, placement_id: UUID) -> None:
    """Add a column for an activity that has none; only where the platform lets tools do so."""
    viewer.require(Capability.MANAGE)
    column = _column(session, viewer, placement_id)
    if not column.course.line_items_url:
        raise InvalidInput("no_gradebook", "The platform offers no gradebook to the tool.")
    connector = _connector(runtime, column)
    try:
        column.link.line_item_url = _find(connector, column) or make_line_item(
            connector,
            column.course.line_items_url,
            label=column.placement.title,
            maximum=column.placement.points or 0,
            resource_link_id=column.link.resource_link_id,
            placement_id=column.placement.id,
        )
    finally:
        connector.close()
    _audit(session, viewer, column)


def _column(session: Session, viewer: Viewer, placement_id: UUID) -> Column:
    placement = graded_placement(session, viewer, placement_id)
    link = session.scalars(
        select(ResourceLink).where(ResourceLink.placement_id == placement.id).order_by(ResourceLink.id)
    ).first()
    if link is None:
        raise NotFound("no_link", "This activity has not been opened from the course yet.")
    return Column(placement=placement, link=link, course=session.get_one(Course, placement.course_id))


def _connector(runtime: Runtime, column: Column) -> PlatformConnector:
    access = PlatformAccess.of(column.course.deployment.registration)
    return PlatformConnector(push_clearance(runtime, access, column.course.id))


def _find(connector: PlatformConnector, column: Column) -> str | None:
    if not column.course.line_items_url:
        return None
    return find_line_item(
        connector,
        column.course.line_items_url,
        resource_link_id=column.link.resource_link_id,
        placement_id=column.placement.id,
    )


def _audit(session: Session, viewer: Viewer, column: Column) -> None:
    audit.by(session, viewer, "gradebook.column_made", object_type="placement", object_id=column.placement.id)
