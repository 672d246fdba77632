"""Does the way to a Moodle assignment work: switches, token, functions, and may its user see the grades?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.errors import NotFound, PlatformFailed
from lti_tool.gradebook.assignments.held import held_grades
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.lti.line_items import GradebookColumn
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import MARKING, unlocking
from lti_tool.moodle.site import ask_site
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature


def find_assignment(session: Session, placement: Placement) -> MoodleAssignment | None:
    """The Moodle assignment that a placement stands for; None for activities of ours."""
    return session.scalar(select(MoodleAssignment).where(MoodleAssignment.placement_id == placement.id))


def check_assignment(runtime: Runtime, session: Session, assignment: MoodleAssignment) -> GradebookColumn:
    """Ask Moodle as a push would, and save nothing; raises what stands in the way."""
    course = find_moodle_course(session, runtime.secrets, assignment.course_id)
    if course is None:
        raise NotFound("no_token", "There is no token for this course's Moodle.")
    with MoodleClient(runtime.engine, course.access, features=(Feature.GRADE_PUSH,)) as client:
        site = ask_site(client)
        missing = unlocking(MARKING, site.functions, may_download=site.may_download).missing
        if missing:
            raise PlatformFailed(
                "moodle_functions_missing",
                "The service of this token lacks %(functions)s. Add it to the service in Moodle.",
                {"functions": ", ".join(missing)},
            )
        held_grades(client, assignment.number, assignment.maximum)
    return GradebookColumn(url="", label=assignment.placement.title, maximum=assignment.maximum)
