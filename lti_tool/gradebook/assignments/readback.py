"""What Moodle holds of the grades that were sent to its assignments, and what its gradebook shows instead."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.moodle_courses import MoodleCourse, find_moodle_course
from lti_tool.db import transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.gradebook.assignments.held import HeldGrade, held_grades
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.assignments.shown import shown_grades
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.gradebook.readback import AT_ONCE, compare
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.refusals import MoodleRefused
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature


@dataclass(frozen=True, kw_only=True)
class Unread:
    """The pushes of one assignment whose grades are to be read back."""

    number: int
    maximum: Decimal
    course: MoodleCourse | None
    people: dict[int, str]


def read_back_due(runtime: Runtime) -> None:
    """Compare what Moodle holds with what was sent."""
    with transaction(runtime.engine) as session:
        assignments = _unread(runtime, session)
    for assignment in assignments:
        grades = _grades(runtime, assignment)
        with transaction(runtime.engine) as session:
            for push_id, user_id in assignment.people.items():
                compare(session, push_id, grades.get(user_id))


def _unread(runtime: Runtime, session: Session) -> list[Unread]:
    rows = session.execute(
        select(Push.id, Person.sub, MoodleAssignment)
        .join(Person, Person.id == Push.person_id)
        .join(MoodleAssignment, MoodleAssignment.id == Push.moodle_assignment_id)
        .where(Push.is_result_due, Push.status.in_([PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN]))
        .order_by(Push.id)
        .limit(AT_ONCE)
    ).all()
    found: dict[int, Unread] = {}
    for push_id, user_id, assignment in rows:
        if assignment.id not in found:
            course = find_moodle_course(session, runtime.secrets, assignment.course_id)
            found[assignment.id] = Unread(
                number=assignment.number, maximum=assignment.maximum, course=course, people={}
            )
        found[assignment.id].people[push_id] = user_id
    return list(found.values())


def _grades(runtime: Runtime, assignment: Unread) -> dict[str, HeldGrade]:
    """Nothing where Moodle does not tell: the page then says so, and nobody is accused of overriding."""
    if assignment.course is None:
        return {}
    try:
        with MoodleClient(runtime.engine, assignment.course.access, features=(Feature.GRADE_PUSH,)) as client:
            held = held_grades(client, assignment.number, assignment.maximum)
            return held | _shown(client, assignment.course, assignment.number)
    except (PlatformFailed, NotAllowed):
        return {}


def _shown(client: MoodleClient, course: MoodleCourse, number: int) -> dict[str, HeldGrade]:
    """Nothing where the token's service does not reach the gradebook: then what the assignment holds is all."""
    try:
        return shown_grades(client, course.number, number)
    except MoodleRefused:
        return {}
