"""Fetching work from Moodle in the background: when a teacher asks, and every quarter of an hour what is new."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.grading.assignments import fillings as fillings  # its registration is what the gradebook asks
from lti_tool.grading.assignments.pulling import pull
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature, is_on


@task("assignments.pull", retry=NEVER, lock="assignments.pull:{assignment_id}")
def pull_work(runtime: Runtime, *, assignment_id: int) -> None:
    """Fetch what is new of one assignment; how it went stands in its row, and the next round tries again."""
    pull(runtime, assignment_id)


@periodic("*/15 * * * *")
@task("assignments.poll")
def poll(runtime: Runtime) -> None:
    """Ask for every assignment that is marked here."""
    with transaction(runtime.engine) as session:
        wanted = select(MoodleAssignment).where(MoodleAssignment.is_polled).order_by(MoodleAssignment.id)
        for assignment in session.scalars(wanted):
            if is_on(session, Feature.MOODLE_WEB_SERVICES, assignment.course_id):
                ask_for_work(session, assignment)


def ask_for_work(session: Session, assignment: MoodleAssignment) -> None:
    """Queue a pull in the caller's transaction; one that waits already is enough."""
    pull_work.enqueue(session, queueing_lock=f"assignments.pull:{assignment.id}", assignment_id=assignment.id)
