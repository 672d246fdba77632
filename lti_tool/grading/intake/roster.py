"""Whom a name in a pile means: by student number, e-mail address, number on the platform, or full name."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Membership, MembershipStatus, Person, Role
from lti_tool.accounts.people import effective_role
from lti_tool.accounts.viewer import Viewer
from lti_tool.llm.pseudonymiser import folded


class Roster:
    """The students of a course, to be found by what people call them."""

    def __init__(self, students: Sequence[Person]) -> None:
        self.students = {person.id: person for person in students}
        self._by_key: dict[str, set[int]] = {}
        for person in students:
            for key in _keys(person):
                self._by_key.setdefault(key, set()).add(person.id)

    def named(self, who: str) -> list[Person]:
        """Everybody whom the words can mean."""
        return [self.students[number] for number in sorted(self._by_key.get(_key(who), ()))]


def roster_of(session: Session, viewer: Viewer) -> Roster:
    """The active students of the viewer's course, by name."""
    members = session.scalars(
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.course_id == viewer.course_id, Membership.status == MembershipStatus.ACTIVE)
        .order_by(func.lower(Person.family_name), func.lower(Person.name), Person.id)
    )
    return Roster([member.person for member in members if effective_role(member) is Role.STUDENT])


def _keys(person: Person) -> Iterator[str]:
    given, family = person.given_name, person.family_name
    names = (person.display_name, f"{given} {family}", f"{family} {given}", f"{family}, {given}")
    yield from {key for key in map(_key, (*names, person.idnumber, person.email, person.sub)) if key}


def _key(words: str) -> str:
    """However people write the gap between two names."""
    return " ".join(folded(words).replace("_", " ").replace(",", " ").split())
