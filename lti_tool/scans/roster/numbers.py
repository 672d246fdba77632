"""Which student has which register number: the teachers' own entry, else the idnumber that the platform sends (R75).

A number that two people have is nobody's until somebody corrects it: nothing is ever matched by it.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Membership, Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.exam import is_student_now, register_number, student_for
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.sheets.models import NumberSource, RosterEntry


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A student with the number in force; `source` is None where the platform sent it."""

    person: Person
    number: str
    source: str | None
    is_shared: bool
    fits_pattern: bool

    @property
    def is_usable(self) -> bool:
        return bool(self.number) and self.fits_pattern and not self.is_shared


def entrants(session: Session, viewer: Viewer) -> list[Entrant]:
    """The students of the course by name, each with the number in force."""
    viewer.require(Capability.HANDLE_SCANS)
    patterns = NamePatterns.of_course(session, viewer.course_id)
    own = and_(RosterEntry.person_id == Person.id, RosterEntry.course_id == viewer.course_id)
    found = session.execute(
        select(Person, register_number(), RosterEntry.source)
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(RosterEntry, own)
        .where(Membership.course_id == viewer.course_id, is_student_now())
        .order_by(func.lower(Person.family_name), func.lower(Person.name), Person.id)
    )
    rows = [(person, str(number or ""), source) for person, number, source in found]
    often = Counter(number for _, number, _ in rows)
    return [
        Entrant(
            person=person,
            number=number,
            source=source,
            is_shared=bool(number) and often[number] > 1,
            fits_pattern=patterns.is_register_number(number),
        )
        for person, number, source in rows
    ]


def set_number(
    session: Session, viewer: Viewer, person_id: int, number: str, source: NumberSource = NumberSource.PERSON
) -> None:
    """Give a student a register number; an empty one goes back to what the platform sends."""
    student, number = student_for(session, viewer, person_id), number.strip()
    if number and not NamePatterns.of_course(session, viewer.course_id).is_register_number(number):
        raise InvalidInput(
            "number_malformed", "“%(number)s” does not look like a register number of this course.", {"number": number}
        )
    entry = session.scalar(
        select(RosterEntry).where(RosterEntry.course_id == viewer.course_id, RosterEntry.person_id == student.id)
    )
    if not number or number == student.idnumber.strip():
        if entry is not None:
            session.delete(entry)
    elif entry is None:
        session.add(_entry(viewer, student, number, source))
    else:
        entry.register_number, entry.source, entry.by_id = number, source, viewer.person_id
    session.flush()
    _tell(session, viewer, student, source)


def _entry(viewer: Viewer, student: Person, number: str, source: NumberSource) -> RosterEntry:
    return RosterEntry(
        course_id=viewer.course_id,
        person_id=student.id,
        register_number=number,
        source=source,
        by_id=viewer.person_id,
    )


def _tell(session: Session, viewer: Viewer, student: Person, source: NumberSource) -> None:
    audit.by(
        session, viewer, "scans.number_set", object_type="person", object_id=student.id, details={"source": source}
    )
