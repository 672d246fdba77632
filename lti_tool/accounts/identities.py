"""Whom a prompt must not name: everybody who is or was in the course (R173)."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Membership, Person
from lti_tool.db import columns
from lti_tool.llm.pseudonymiser import Identities, Identity

# Every question asks it.
PEOPLE = (
    select(Person.name, Person.given_name, Person.family_name, Person.email, Person.idnumber)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.course_id == bindparam("course_id"))
    .order_by(Person.id)
)


def identities_of(session: Session, course_id: int) -> Identities:
    """The people of a course, those who left it too: their names stay in its material and conversations."""
    rows = columns(session, PEOPLE, {"course_id": course_id})
    return Identities(
        people=tuple(
            Identity(names=tuple(filter(None, (name, given, family))), codes=tuple(filter(None, (email, idnumber))))
            for name, given, family, email, idnumber in rows
        )
    )
