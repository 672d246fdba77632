"""Sync the roster of one course: fetch everything first, then merge in one transaction, or hold and ask.

The address comes from a stored launch of that very course. A failed or partial fetch changes nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.roster.merge import known_count, merge
from lti_tool.accounts.roster.models import RosterSync, SyncStatus
from lti_tool.db import now, transaction
from lti_tool.errors import ToolError
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.clearance import Clearance
from lti_tool.lti.memberships import MAX_BYTES, Member, members
from lti_tool.lti.services import PlatformConnector, ServiceRefused
from lti_tool.secrets import Secrets
from lti_tool.site_settings.switches import Feature


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a course's roster is."""

    course_id: int
    memberships_url: str
    access: PlatformAccess


def sync_roster(engine: Engine, secrets: Secrets, course_id: int) -> SyncStatus | None:
    """Bring one course up to date; None if its platform offers no roster."""
    with transaction(engine) as session:
        target = _target(session, course_id)
    if target is None:
        return None
    try:
        roster = _fetch(engine, secrets, target)
    except ToolError as error:
        with transaction(engine) as session:
            session.add(RosterSync(course_id=course_id, status=SyncStatus.FAILED, reason=_reason(error)))
        return SyncStatus.FAILED
    with transaction(engine) as session:
        return apply_roster(session, course_id, roster)


def apply_roster(session: Session, course_id: int, roster: list[Member]) -> SyncStatus:
    """Merge what was fetched, unless it is less than half of what is known and nobody has agreed to that."""
    course = session.scalars(select(Course).where(Course.id == course_id).with_for_update(of=Course)).unique().one()
    known = known_count(session, course_id)
    if len(roster) * 2 < known and len(roster) < _agreed_count(session, course_id, known):
        _hold(session, course_id, known, len(roster))
        return SyncStatus.HELD
    merged = merge(session, course, roster)
    _settle_hold(session, course_id)
    session.add(
        RosterSync(
            course_id=course_id,
            status=SyncStatus.SUCCEEDED,
            known_count=known,
            fetched_count=len(roster),
            added_count=merged.added,
            left_count=merged.left,
        )
    )
    course.roster_synced_at = now()
    session.flush()
    return SyncStatus.SUCCEEDED


def _target(session: Session, course_id: int) -> Target | None:
    course = session.get_one(Course, course_id)
    if not course.memberships_url:
        return None
    access = PlatformAccess.of(course.deployment.registration)
    return Target(course_id=course_id, memberships_url=course.memberships_url, access=access)


def _fetch(engine: Engine, secrets: Secrets, target: Target) -> list[Member]:
    clearance = Clearance(
        engine=engine,
        secrets=secrets,
        access=target.access,
        feature=Feature.ROSTER_SYNC,
        course_id=target.course_id,
    )
    connector = PlatformConnector(clearance, max_bytes=MAX_BYTES)
    try:
        return list({member.user_id: member for member in members(connector, target.memberships_url)}.values())
    finally:
        connector.close()


def _reason(error: ToolError) -> str:
    """Our word for it, with the platform's status code where it gave one."""
    return f"{error.code}_{error.status_code}" if isinstance(error, ServiceRefused) else error.code


def _agreed_count(session: Session, course_id: int, known: int) -> int:
    """How far a teacher has agreed that the roster may shrink, until a sync has done so; else not below half."""
    latest = session.scalars(
        select(RosterSync)
        .where(
            RosterSync.course_id == course_id,
            RosterSync.status.in_([SyncStatus.ACCEPTED, SyncStatus.SUCCEEDED]),
        )
        .order_by(func.coalesce(RosterSync.decided_at, RosterSync.finished_at).desc(), RosterSync.id.desc())
        .limit(1)
    ).first()
    return latest.fetched_count if latest and latest.status == SyncStatus.ACCEPTED else known


def _hold(session: Session, course_id: int, known: int, fetched: int) -> None:
    """One question a course: a newer fetch brings the open question up to date."""
    counts = {"known_count": known, "fetched_count": fetched, "finished_at": now()}
    held = session.execute(
        update(RosterSync)
        .where(RosterSync.course_id == course_id, RosterSync.status == SyncStatus.HELD)
        .values(**counts)
        .returning(RosterSync.id)
    ).first()
    if held is None:
        session.add(RosterSync(course_id=course_id, status=SyncStatus.HELD, **counts))
        session.flush()


def _settle_hold(session: Session, course_id: int) -> None:
    """A full roster came after all: the question answers itself."""
    session.execute(
        update(RosterSync)
        .where(RosterSync.course_id == course_id, RosterSync.status == SyncStatus.HELD)
        .values(status=SyncStatus.FAILED, reason="superseded")
    )
