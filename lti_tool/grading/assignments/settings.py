"""What Moodle says of an assignment, kept with the placement that stands for it: title, points, due date, secrecy."""

from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.content.extraction.html import sections_of
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.options import lock_options, seal_names
from lti_tool.grading.assignments.offered import moment_of
from lti_tool.moodle.assignments import ListedAssignment


def keep_settings(session: Session, assignment: MoodleAssignment, listed: ListedAssignment) -> None:
    """Take over what may have changed in Moodle; nobody's name is shown while marking is blind there."""
    placement = assignment.placement
    lock_options(session, placement)
    placement.title, placement.points = listed.name, listed.points
    placement.due_at = moment_of(listed.due_at)
    placement.description = text_of(listed.description) or placement.description
    assignment.module, assignment.maximum = listed.module, Decimal(listed.points)
    assignment.is_team, assignment.has_workflow = listed.is_team, listed.has_workflow
    seal_names(placement, is_sealed=listed.is_blind)
    assignment.is_blind = listed.is_blind


def text_of(html: str) -> str:
    """What a reader sees of a text that Moodle gives as a web page."""
    parts = [part for section in sections_of(html) for part in (section["heading"], section["text"]) if part]
    return "\n\n".join(parts)
