"""Who may do what in a course of the site, in the words Moodle sends (moodle-as-platform.md 1.3).

A non-editing teacher is `Instructor` at launch and `Learner` in the roster: the tool must not take rights away.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import Course, CourseRole, Enrolment, Person

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


def role_in(session: Session, person: Person, course_id: int) -> CourseRole | None:
    """The person's role in the course; None for who is not enrolled."""
    enrolment = session.get(Enrolment, (course_id, person.id))
    return CourseRole(enrolment.role) if enrolment else None


def may_enter(session: Session, person: Person, course_id: int) -> bool:
    return person.is_administrator or role_in(session, person, course_id) is not None


def may_teach(session: Session, person: Person, course_id: int) -> bool:
    """See the gradebook and other people's work."""
    teaching = (CourseRole.TEACHER, CourseRole.NON_EDITING_TEACHER)
    return person.is_administrator or role_in(session, person, course_id) in teaching


def may_edit(session: Session, person: Person, course_id: int) -> bool:
    """Add activities and copy the course."""
    return person.is_administrator or role_in(session, person, course_id) is CourseRole.TEACHER


def launch_roles(session: Session, person: Person, course_id: int) -> list[str]:
    """The full role addresses of a launch, sorted."""
    roles = [f"{MEMBERSHIP}{'Instructor' if may_teach(session, person, course_id) else 'Learner'}"]
    if person.is_administrator:
        roles += [f"{SYSTEM}Administrator", f"{INSTITUTION}Administrator"]
    return sorted(roles)


def roster_role(enrolment: Enrolment) -> str:
    """The short role of the roster: only who may edit the course is `Instructor` there."""
    return "Instructor" if enrolment.role == CourseRole.TEACHER else "Learner"


def participants(session: Session, course_id: int) -> list[Enrolment]:
    """Everyone enrolled, in the order of the accounts; an administrator is not among them."""
    found = select(Enrolment).where(Enrolment.course_id == course_id).order_by(Enrolment.person_id)
    return list(session.scalars(found))


def courses_of(session: Session, person: Person) -> list[Course]:
    """The courses the person may enter."""
    courses = select(Course).order_by(Course.id)
    if not person.is_administrator:
        courses = courses.join(Enrolment).where(Enrolment.person_id == person.id)
    return list(session.scalars(courses))
