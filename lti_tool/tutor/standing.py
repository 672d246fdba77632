"""What the page of the tutor asks about its reader, in one reading: it is the first page of every launch."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.escalation.replies import HAS_HANDED_ON
from lti_tool.tutor.hints.marks import SAID_HERE, is_assessed_by_default
from lti_tool.tutor.limits import ASKED, Allowance, allowance_after, midnight_before
from lti_tool.tutor.models import Conversation
from lti_tool.tutor.notice import ACCEPTED, notice_in, version_of

ASKED_ABOUT = (
    select(
        Conversation,
        ACCEPTED.exists().label("has_accepted"),
        ASKED.scalar_subquery().label("asked_today"),
        SAID_HERE.scalar_subquery().label("said"),
        HAS_HANDED_ON.label("has_handed_on"),
    )
    .select_from(Person)
    .outerjoin(
        Conversation,
        (Conversation.person_id == Person.id)
        & (Conversation.course_id == bindparam("course_id"))
        & Conversation.archived_at.is_(None),
    )
    .where(Person.id == bindparam("person_id"))
)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How things are between a person and the tutor of a course.

    `notice` is what has still to be read and accepted; `has_handed_on` says whether any question went to the teachers.
    """

    conversation: Conversation | None
    notice: str | None
    allowance: Allowance
    is_assessed: bool
    has_handed_on: bool


def standing_of(session: Session, viewer: Viewer, settings: Snapshot) -> Standing:
    """The viewer's own, in the course and placement of the launch."""
    notice = notice_in(settings)
    values = {
        "person_id": viewer.person_id,
        "course_id": viewer.course_id,
        "placement_id": viewer.placement_id,
        "version": version_of(notice),
        "moment": midnight_before(now()),
    }
    row = session.execute(ASKED_ABOUT, values).one()
    return Standing(
        conversation=row.Conversation,
        notice=None if row.has_accepted or not notice else notice,
        allowance=allowance_after(settings, row.asked_today),
        is_assessed=is_assessed_by_default(viewer.placement_kind) if row.said is None else row.said,
        has_handed_on=row.has_handed_on,
    )
