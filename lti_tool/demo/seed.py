"""The people and courses a new site starts with: every role once, eight students, and an outsider.

Names are invented; register numbers have twelve digits as paper exams expect them.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import Course, CourseRole, Enrolment, Person

STAFF = (
    ("admin", "Ada", "Site-Admin", ""),
    ("teresa", "Teresa", "Lindqvist", "S-1001"),
    ("nora", "Nora", "Okafor", "S-1002"),
)
STUDENTS = (
    ("amira", "Amira", "Haddad"),
    ("bruno", "Bruno", "Castelli"),
    ("chiara", "Chiara", "Vogel"),
    ("dmitri", "Dmitri", "Sokolov"),
    ("esther", "Esther", "Mwangi"),
    ("felix", "Felix", "Nguyễn"),
    ("gita", "Gita", "Raman"),
    ("hugo", "Hugo", "O'Brien"),
)
FIRST_REGISTER_NUMBER = 230521100101


def seed(session: Session) -> None:
    """Fill an empty site; a site that has people is left as it is."""
    if session.scalar(select(Person.id).limit(1)) is not None:
        return
    staff = {username: _person(username, *names) for username, *names in STAFF}
    staff["admin"].is_administrator = True
    students = [
        _person(username, given, family, str(FIRST_REGISTER_NUMBER + number))
        for number, (username, given, family) in enumerate(STUDENTS)
    ]
    outsider = _person("oskar", "Oskar", "Outsider", str(FIRST_REGISTER_NUMBER + 100))
    colleague = _person("tobias", "Tobias", "Adeyemi", "S-1003")
    people = [*staff.values(), *students, outsider, colleague]
    _add_one_by_one(session, people)
    statistics = Course(title="Introduction to Statistics", label="STAT101", idnumber="STAT101-2026")
    botany = Course(title="Plant Biology", label="BIO210", idnumber="BIO210-2026")
    _add_one_by_one(session, [statistics, botany])
    _enrol(session, statistics, staff["teresa"], CourseRole.TEACHER)
    _enrol(session, statistics, staff["nora"], CourseRole.NON_EDITING_TEACHER)
    for student in students:
        _enrol(session, statistics, student, CourseRole.STUDENT)
    _enrol(session, botany, colleague, CourseRole.TEACHER)
    _enrol(session, botany, outsider, CourseRole.STUDENT)


def _person(username: str, given: str, family: str, idnumber: str) -> Person:
    return Person(
        username=username,
        given_name=given,
        family_name=family,
        email=f"{username}@example.org",
        idnumber=idnumber,
        is_administrator=False,
    )


def _add_one_by_one(session: Session, rows: list[Person] | list[Course]) -> None:
    """Ids in the order of the list: tests and people rely on a stable order."""
    for row in rows:
        session.add(row)
        session.flush()


def _enrol(session: Session, course: Course, person: Person, role: CourseRole) -> None:
    session.add(Enrolment(course_id=course.id, person_id=person.id, role=role))
