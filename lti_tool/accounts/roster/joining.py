"""People whom Moodle names among those who may hand in, before any roster or launch did.

Known people and memberships are left as they are: the roster and launches know better what somebody is in a course.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Membership, Person
from lti_tool.accounts.roster.merge import PEOPLE
from lti_tool.lti.memberships import Member


def join(session: Session, course: Course, members: Sequence[Member]) -> dict[str, int]:
    """Make sure that each is a person in the course; our ids by theirs."""
    platform_id = course.deployment.registration.platform_id
    session.execute(
        PEOPLE,
        {
            "platform_id": platform_id,
            "subs": [member.user_id for member in members],
            "names": [member.name for member in members],
            "given": [member.given_name for member in members],
            "family": [member.family_name for member in members],
            "emails": [member.email for member in members],
            "idnumbers": [member.idnumber for member in members],
        },
    )
    subs = {member.user_id for member in members}
    rows = session.execute(select(Person.sub, Person.id).where(Person.platform_id == platform_id, Person.sub.in_(subs)))
    people = {sub: person_id for sub, person_id in rows}
    if people:
        values = [{"course_id": course.id, "person_id": person_id} for person_id in sorted(people.values())]
        session.execute(insert(Membership).values(values).on_conflict_do_nothing())
    return people
