"""Finding a person for whom something is asked, and having them erased by an administrator who typed their number."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Membership, Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.lti.models import Platform

MOST = 20


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody, where they come from, and the courses they are or were in."""

    person: Person
    platform: str
    courses: Sequence[str]


def find_people(session: Session, viewer: Viewer, words: str) -> list[Found]:
    """Who has this name, e-mail address, student number or number on the platform; erased people are found no more."""
    viewer.require(Capability.ADMINISTER)
    words = words.strip().lower()
    if not words:
        return []
    fields = (Person.name, Person.family_name, Person.given_name, Person.email, Person.idnumber, Person.sub)
    matches = or_(*(func.lower(field) == words for field in fields), func.lower(Person.name).contains(words))
    people = session.execute(
        select(Person, Platform.name, Platform.issuer)
        .join(Platform, Platform.id == Person.platform_id)
        .where(matches, Person.erased_at.is_(None))
        .order_by(func.lower(Person.family_name), func.lower(Person.name), Person.id)
        .limit(MOST)
    )
    return [
        Found(person=person, platform=name or issuer, courses=_courses(session, person))
        for person, name, issuer in people
    ]


def ask_erasure(session: Session, viewer: Viewer, person_id: int, typed: str) -> Person:
    """The caller queues the job. `typed` must be the person's number of ours, as the page shows it."""
    person = known_person(session, viewer, person_id)
    if person.id == viewer.person_id:
        raise InvalidInput("own_erasure", "Nobody erases themselves while they work here.")
    if typed.strip() != str(person.id):
        raise InvalidInput("number_mistyped", "Type the number of this person exactly as it is shown.")
    audit.by(session, viewer, "privacy.erasure_asked", object_type="person", object_id=person.id)
    return person


def known_person(session: Session, viewer: Viewer, person_id: int) -> Person:
    """Raises NotFound also for somebody who was erased."""
    viewer.require(Capability.ADMINISTER)
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound("person_unknown")
    return person


def _courses(session: Session, person: Person) -> list[str]:
    found = select(Course.title).join(Membership).where(Membership.person_id == person.id).order_by(Course.title)
    return list(session.scalars(found))
