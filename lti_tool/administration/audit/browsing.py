"""What an administrator may read of the audit: the courses and people of the own platform, never another's.

An entry of no course belongs to whose person acted; what a command did belongs to everybody who administers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.accounts.models import Course, Person
from lti_tool.lti.models import Deployment, Registration

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the form asks for; days are in UTC."""

    action: str = ""
    first_day: date | None = None
    last_day: date | None = None
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of entries, newest first."""

    entries: Sequence[AuditEntry]
    has_more: bool


def platform_of(session: Session, registration_id: int) -> int:
    return session.scalars(select(Registration.platform_id).where(Registration.id == registration_id)).one()


def find_entries(session: Session, platform_id: int, wanted: Filter) -> Found:
    """The entries of this platform that fit the filter."""
    query = select(AuditEntry).where(_is_readable(platform_id), *_conditions(wanted)).order_by(AuditEntry.id.desc())
    rows = session.scalars(query.limit(PER_PAGE + 1).offset((wanted.page - 1) * PER_PAGE)).all()
    return Found(entries=rows[:PER_PAGE], has_more=len(rows) > PER_PAGE)


def known_actions(session: Session, platform_id: int) -> Sequence[str]:
    """The actions that occur, for the filter's list."""
    query = select(AuditEntry.action).where(_is_readable(platform_id)).distinct().order_by(AuditEntry.action)
    return session.scalars(query).all()


def readable_by(session: Session, platform_id: int) -> Callable[[dict[str, object]], bool]:
    """The same rule for an export, entry by entry."""
    courses = set(session.scalars(_courses(platform_id)))
    actors = set(session.scalars(select(AuditEntry.actor_id).where(AuditEntry.course_id.is_(None)).distinct()))
    own = {None, *session.scalars(select(Person.id).where(Person.platform_id == platform_id, Person.id.in_(actors)))}

    def may_read(fields: dict[str, object]) -> bool:
        return fields["actor_id"] in own if fields["course_id"] is None else fields["course_id"] in courses

    return may_read


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.action:
        conditions.append(AuditEntry.action == wanted.action)
    if wanted.first_day:
        conditions.append(AuditEntry.occurred_at >= _midnight(wanted.first_day))
    if wanted.last_day:
        conditions.append(AuditEntry.occurred_at < _midnight(wanted.last_day) + timedelta(days=1))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _is_readable(platform_id: int) -> ColumnElement[bool]:
    own_people = select(Person.id).where(Person.platform_id == platform_id)
    by_own = or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id.in_(own_people))
    return or_(AuditEntry.course_id.in_(_courses(platform_id)), and_(AuditEntry.course_id.is_(None), by_own))


def _courses(platform_id: int) -> Select[int]:
    return (
        select(Course.id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Registration.platform_id == platform_id)
    )
