"""Which courses are due for a sync: one that a teacher has just opened for the first time, and each night the rest."""

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Membership, Role
from lti_tool.accounts.roster.models import RosterSync
from lti_tool.db import now
from lti_tool.site_settings.switches import Feature, is_on

ACTIVE_FOR = timedelta(days=14)
AT_ONCE = 100


def new_courses(session: Session) -> list[int]:
    """Courses with a teacher and no sync yet; none while syncing is off, so that switching it on starts them."""
    if not is_on(session, Feature.ROSTER_SYNC):
        return []
    has_teacher = exists().where(Membership.course_id == Course.id, Membership.launch_role != Role.STUDENT)
    has_sync = exists().where(RosterSync.course_id == Course.id)
    wanted = select(Course.id).where(Course.memberships_url.is_not(None), has_teacher, ~has_sync).limit(AT_ONCE)
    return [course_id for course_id in session.scalars(wanted) if is_on(session, Feature.ROSTER_SYNC, course_id)]


def active_courses(session: Session) -> list[int]:
    """Courses that somebody opened in the last two weeks."""
    wanted = select(Course.id).where(Course.memberships_url.is_not(None), Course.last_launch_at > now() - ACTIVE_FOR)
    return [course_id for course_id in session.scalars(wanted) if is_on(session, Feature.ROSTER_SYNC, course_id)]
