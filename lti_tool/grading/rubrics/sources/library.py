"""The rubrics of the other activities of a course, to be taken over."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.grading.models import Rubric
from lti_tool.grading.rubrics.drafts import RubricDraft, draft_of
from lti_tool.grading.rubrics.versions import rubric_of


@dataclass(frozen=True, kw_only=True)
class SharedRubric:
    """A rubric that can be taken over."""

    placement: Placement
    rubric: Rubric


def shared_rubrics(session: Session, viewer: Viewer) -> list[SharedRubric]:
    """The latest rubric of each other activity of the course that has one, by title."""
    viewer.require(Capability.MANAGE)
    placements = session.scalars(
        select(Placement)
        .where(Placement.course_id == viewer.course_id, Placement.points.is_not(None))
        .where(Placement.id != viewer.placement_id)
        .order_by(Placement.title, Placement.id)
    )
    found = ((placement, rubric_of(session, placement)) for placement in placements)
    return [SharedRubric(placement=placement, rubric=rubric) for placement, rubric in found if rubric is not None]


def shared_rubric(session: Session, viewer: Viewer, placement_id: str) -> RubricDraft:
    """The rubric of another activity of the course as a draft; raises NotFound."""
    try:
        wanted = UUID(placement_id)
    except ValueError as error:
        raise NotFound("rubric_unknown") from error
    for shared in shared_rubrics(session, viewer):
        if shared.placement.id == wanted:
            return draft_of(shared.rubric)
    raise NotFound("rubric_unknown")
