"""The exam of a launch: its subject code, the students who may have a paper in it, and the lock on its bindings."""

from collections import Counter
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Membership, MembershipStatus, Person, Placement, PlacementKind, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.sheets.models import RosterEntry

SUBJECT = "subject_code"
PAGES = "pages"


def exam_of(session: Session, viewer: Viewer) -> Placement:
    """The exam that the viewer is in; raises NotFound in any other activity."""
    exam = session.scalar(
        select(Placement).where(
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
            Placement.kind == PlacementKind.EXAM,
        )
    )
    if exam is None:
        raise NotFound("exam_unknown", "This is not a paper exam.")
    return exam


def lock_exam(session: Session, viewer: Viewer) -> Placement:
    """The exam, for whoever binds papers of it: two at once must not find the same student free."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    session.refresh(exam, with_for_update={"key_share": True})
    return exam


def exam_by_id(session: Session, placement_id: UUID) -> Placement:
    """The exam under the same lock, for jobs, scanners and commands; raises NotFound."""
    found = select(Placement).where(Placement.id == placement_id, Placement.kind == PlacementKind.EXAM)
    exam = session.scalar(found.with_for_update(key_share=True))
    if exam is None:
        raise NotFound("exam_unknown", "There is no paper exam with this number.")
    return exam


def expected_pages(exam: Placement) -> int:
    """How many pages a paper of this exam has; 0 where nobody said it."""
    return int(exam.options.get(PAGES, 0))


def subject_of(exam: Placement) -> str:
    """The subject code that the exam's files carry; empty until somebody said it."""
    return str(exam.options.get(SUBJECT, ""))


def set_subject(session: Session, viewer: Viewer, code: str) -> None:
    """Say which subject code the files of this exam carry."""
    exam, code = lock_exam(session, viewer), code.strip().upper()
    if not NamePatterns.of_course(session, viewer.course_id).is_subject_code(code):
        raise InvalidInput("subject_malformed", "This does not look like a subject code of this course.")
    exam.options = {**exam.options, SUBJECT: code}
    audit.by(
        session, viewer, "scans.subject_set", object_type="placement", object_id=exam.id, details={"subject": code}
    )


def students(session: Session, viewer: Viewer) -> list[Person]:
    """Who may have a paper, by name."""
    viewer.require(Capability.HANDLE_SCANS)
    found = members(viewer.course_id).where(is_student_now())
    return list(session.scalars(found.order_by(func.lower(Person.family_name), func.lower(Person.name), Person.id)))


def student_for(session: Session, viewer: Viewer, person_id: int) -> Person:
    """A student of the course; raises NotFound."""
    viewer.require(Capability.HANDLE_SCANS)
    student = session.scalar(members(viewer.course_id).where(is_student_now(), Person.id == person_id))
    if student is None:
        raise NotFound("student_unknown", "This person is not a student of the course.")
    return student


def people_with(session: Session, course_id: int, number: str) -> list[tuple[Person, bool]]:
    """Everybody the course ever had with this register number, and whether they are students of it now."""
    found = session.execute(
        members(course_id)
        .outerjoin(RosterEntry, _entry_of(course_id))
        .add_columns(is_student_now())
        .where(register_number() == number)
    )
    return [(person, bool(is_student)) for person, is_student in found]


def entrants_of(session: Session, course_id: int) -> dict[str, int]:
    """The students by register number; a number that two people have speaks for neither."""
    found = session.execute(
        select(Person.id, register_number())
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(RosterEntry, _entry_of(course_id))
        .where(Membership.course_id == course_id, is_student_now(), register_number() != "")
    )
    owners: dict[str, set[int]] = {}
    for person_id, number in found:
        owners.setdefault(number, set()).add(person_id)
    return {number: next(iter(people)) for number, people in owners.items() if len(people) == 1}


def names_of(session: Session, course_id: int) -> dict[str, str]:
    """The students' names by register number."""
    owners = entrants_of(session, course_id)
    people = session.scalars(select(Person).where(Person.id.in_(owners.values())))
    names = {person.id: person.display_name for person in people}
    return {number: names[person_id] for number, person_id in owners.items()}


def register_numbers(session: Session, course_id: int) -> dict[int, str]:
    """The register number of everybody the course ever had, by person; empty for who has none."""
    found = session.execute(
        select(Person.id, register_number())
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(RosterEntry, _entry_of(course_id))
        .where(Membership.course_id == course_id)
    )
    return {person_id: number for person_id, number in found}


def digits_of(session: Session, exam: Placement) -> int:
    """How many digits the register numbers of the exam's students have; 0 where they are no plain numbers."""
    lengths = Counter(len(number) for number in entrants_of(session, exam.course_id) if number.isdecimal())
    return lengths.most_common(1)[0][0] if lengths else 0


def register_number() -> ColumnElement[str]:
    """What the teachers gave somebody counts before what the platform says."""
    return func.coalesce(RosterEntry.register_number, func.btrim(Person.idnumber))


def _entry_of(course_id: int) -> ColumnElement[bool]:
    return and_(RosterEntry.person_id == Person.id, RosterEntry.course_id == course_id)


def members(course_id: int) -> Select[Person]:
    """Everybody the course ever had."""
    return select(Person).join(Membership, Membership.person_id == Person.id).where(Membership.course_id == course_id)


def is_student_now() -> ColumnElement[bool]:
    """Whether the joined membership is a student's that has not ended."""
    return and_(
        Membership.status == MembershipStatus.ACTIVE,
        func.coalesce(Membership.launch_role, Membership.roster_role, Role.STUDENT) == Role.STUDENT,
    )
