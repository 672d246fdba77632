"""Put a whole roster into the tables with a few statements, however many members it has.

The roster role stands beside the launch role and never over it, but for one: a teacher whom the roster calls a student
is Moodle's non-editing teacher, also in launches from before the roster was known. What the platform does not share
(any more) does not erase what it shared before. Who was never on the roster (Moodle's site administrators) is left
alone.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.course_roles import course_role
from lti_tool.accounts.models import Course, Membership, MembershipStatus
from lti_tool.lti.memberships import Member
from lti_tool.lti.roles import RoleFacts

PEOPLE = text(
    """
    INSERT INTO person (platform_id, sub, name, given_name, family_name, email, idnumber)
    SELECT :platform_id, member.*
      FROM unnest(CAST(:subs AS text[]), CAST(:names AS text[]), CAST(:given AS text[]), CAST(:family AS text[]),
                  CAST(:emails AS text[]), CAST(:idnumbers AS text[])) AS member (sub, name, given, family, email, idn)
     ORDER BY member.sub
    ON CONFLICT (platform_id, sub) DO UPDATE SET
        name = COALESCE(NULLIF(excluded.name, ''), person.name),
        given_name = COALESCE(NULLIF(excluded.given_name, ''), person.given_name),
        family_name = COALESCE(NULLIF(excluded.family_name, ''), person.family_name),
        email = COALESCE(NULLIF(excluded.email, ''), person.email),
        idnumber = COALESCE(NULLIF(excluded.idnumber, ''), person.idnumber)
     WHERE excluded.name NOT IN ('', person.name)
        OR excluded.given_name NOT IN ('', person.given_name)
        OR excluded.family_name NOT IN ('', person.family_name)
        OR excluded.email NOT IN ('', person.email)
        OR excluded.idnumber NOT IN ('', person.idnumber)
    """
)

MEMBERSHIPS = text(
    """
    WITH merged AS (
        INSERT INTO membership (course_id, person_id, roster_role, status)
        SELECT :course_id, person.id, member.role, 'active'
          FROM unnest(CAST(:subs AS text[]), CAST(:roles AS text[])) AS member (sub, role)
          JOIN person ON person.platform_id = :platform_id AND person.sub = member.sub
         ORDER BY person.id
        ON CONFLICT (course_id, person_id) DO UPDATE SET roster_role = excluded.roster_role, status = 'active'
         WHERE membership.roster_role IS DISTINCT FROM excluded.roster_role OR membership.status <> 'active'
        RETURNING xmax = 0 AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new) FROM merged
    """
)

ABSENT = text(
    """
    WITH gone AS (
        UPDATE membership SET status = 'inactive', roster_role = NULL
          FROM person
         WHERE membership.course_id = :course_id AND membership.roster_role IS NOT NULL
           AND person.id = membership.person_id
           AND NOT EXISTS (SELECT FROM unnest(CAST(:subs AS text[])) AS member (sub) WHERE member.sub = person.sub)
        RETURNING 1
    )
    SELECT count(*) FROM gone
    """
)

ASSISTANTS = text(
    """
    WITH assistant AS (
        UPDATE membership SET launch_role = 'non_editing_teacher'
         WHERE course_id = :course_id AND launch_role = 'teacher' AND roster_role = 'student'
        RETURNING person_id
    )
    UPDATE bound_launch SET role = 'non_editing_teacher'
      FROM assistant
     WHERE bound_launch.course_id = :course_id AND bound_launch.person_id = assistant.person_id
       AND bound_launch.role = 'teacher'
    """
)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """How many came and how many left."""

    added: int
    left: int


def known_count(session: Session, course_id: int) -> int:
    """How many the last roster brought."""
    return session.scalars(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.course_id == course_id,
            Membership.roster_role.is_not(None),
            Membership.status == MembershipStatus.ACTIVE,
        )
    ).one()


def merge(session: Session, course: Course, roster: list[Member]) -> Merged:
    """Make the memberships of the course those of the roster."""
    where = {"course_id": course.id, "platform_id": course.deployment.registration.platform_id}
    subs = [member.user_id for member in roster]
    session.execute(
        PEOPLE,
        {
            "platform_id": where["platform_id"],
            "subs": subs,
            "names": [member.name for member in roster],
            "given": [member.given_name for member in roster],
            "family": [member.family_name for member in roster],
            "emails": [member.email for member in roster],
            "idnumbers": [member.idnumber for member in roster],
        },
    )
    roles = [course_role(RoleFacts.of(member.roles)).value for member in roster]
    added = session.scalars(MEMBERSHIPS, {**where, "subs": subs, "roles": roles}).one()
    left = session.scalars(ABSENT, {"course_id": course.id, "subs": subs}).one()
    session.execute(ASSISTANTS, {"course_id": course.id})
    session.expire_all()
    return Merged(added=added, left=left)
