"""A teacher chooses an assignment to be marked here, takes its rubric over again, or lets it rest."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment, WorkflowState
from lti_tool.grading.assignments.fillings import FROM_MOODLE
from lti_tool.grading.assignments.offered import moodle_course, why_not
from lti_tool.grading.assignments.settings import keep_settings
from lti_tool.grading.assignments.tasks import ask_for_work
from lti_tool.grading.rubrics.moodle import rubric_from_moodle
from lti_tool.grading.rubrics.versions import save_rubric
from lti_tool.moodle.assignments import ListedAssignment, course_assignments
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.definitions import MoodleDefinition, find_definition
from lti_tool.runtime import Runtime


def choose(
    runtime: Runtime, session: Session, viewer: Viewer, number: int, *, connect: Connect = guarded
) -> MoodleAssignment:
    """Mark this assignment here; chosen again it goes on. Raises InvalidInput, NotFound, or as the calls do."""
    viewer.require(Capability.MANAGE)
    listed, definition = _ask(runtime, session, viewer, number, connect)
    if reason := why_not(listed):
        raise reason
    # A second click waits here, then finds what the first has made.
    session.scalar(select(Course.id).where(Course.id == viewer.course_id).with_for_update(key_share=True))
    assignment = _kept(session, viewer, number) or _made(session, viewer, listed)
    assignment.is_polled = True
    keep_settings(session, assignment, listed)
    keep_rubric(session, viewer, assignment, definition)
    session.flush()
    ask_for_work(session, assignment)
    _tell(session, viewer, assignment, "assignment.chosen")
    return assignment


def change_handling(
    session: Session, viewer: Viewer, assignment: MoodleAssignment, *, is_polled: bool, workflow_state: str
) -> None:
    """Whether new work is fetched, and how far an approved grade goes in Moodle's marking workflow."""
    viewer.require(Capability.MANAGE)
    if workflow_state not in set(WorkflowState):
        raise InvalidInput("workflow_state_unknown")
    assignment.is_polled, assignment.workflow_state = is_polled, workflow_state
    session.flush()
    _tell(session, viewer, assignment, "assignment.changed")


def _ask(
    runtime: Runtime, session: Session, viewer: Viewer, number: int, connect: Connect
) -> tuple[ListedAssignment, MoodleDefinition | None]:
    course = moodle_course(runtime, session, viewer.course_id)
    with MoodleClient(runtime.engine, course.access, connect=connect) as client:
        found = [each for each in course_assignments(client, course.number) if each.number == number]
        if not found:
            raise NotFound("assignment_unknown", "Moodle has no such assignment in this course any more.")
        return found[0], find_definition(client, found[0].module)


def _kept(session: Session, viewer: Viewer, number: int) -> MoodleAssignment | None:
    return session.scalar(
        select(MoodleAssignment).where(
            MoodleAssignment.course_id == viewer.course_id, MoodleAssignment.number == number
        )
    )


def _made(session: Session, viewer: Viewer, listed: ListedAssignment) -> MoodleAssignment:
    placement = Placement(
        course_id=viewer.course_id,
        kind=PlacementKind.ACTIVITY,
        title=listed.name,
        points=listed.points,
        options={},
        created_by_id=viewer.person_id,
    )
    session.add(placement)
    session.flush()
    assignment = MoodleAssignment(
        placement_id=placement.id,
        placement=placement,
        course_id=viewer.course_id,
        number=listed.number,
        module=listed.module,
        maximum=listed.points,
        method=GradingMethod.POINTS,
        workflow_state=WorkflowState.READY_FOR_RELEASE,
    )
    session.add(assignment)
    session.flush()
    return assignment


def keep_rubric(
    session: Session, viewer: Viewer, assignment: MoodleAssignment, definition: MoodleDefinition | None
) -> None:
    """Moodle's rubric takes the place of ours; without one in Moodle ours stays, and makes the points."""
    assignment.method = GradingMethod.POINTS
    assignment.rubric_changed_at = definition.changed_at if definition else 0
    if definition is not None:
        draft = rubric_from_moodle(definition.content)
        save_rubric(session, viewer, assignment.placement, draft, origin=FROM_MOODLE)
        assignment.method = GradingMethod(definition.method)


def _tell(session: Session, viewer: Viewer, assignment: MoodleAssignment, action: str) -> None:
    audit.by(
        session,
        viewer,
        action,
        object_type="placement",
        object_id=assignment.placement_id,
        details={"is_polled": assignment.is_polled, "workflow_state": assignment.workflow_state},
    )
