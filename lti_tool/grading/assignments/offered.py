"""The assignments of a course in Moodle, which of them are marked here, and why one cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.moodle_courses import MoodleCourse, find_moodle_course
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.moodle.assignments import ListedAssignment, course_assignments
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.functions import MARKING, Unlocked, unlocking
from lti_tool.moodle.site import ask_site
from lti_tool.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One assignment of the course; `refusal` is why it cannot be marked here."""

    listed: ListedAssignment
    is_marked_here: bool
    refusal: InvalidInput | None

    @property
    def due_at(self) -> datetime | None:
        return moment_of(self.listed.due_at)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What Moodle has, and what the token lacks for marking it here."""

    assignments: Sequence[Offered]
    token: Unlocked


def moodle_course(runtime: Runtime, session: Session, course_id: int) -> MoodleCourse:
    """Raises NotFound (`no_token`)."""
    course = find_moodle_course(session, runtime.secrets, course_id)
    if course is None:
        raise NotFound("no_token", "There is no token for this course's Moodle.")
    return course


def offer(runtime: Runtime, session: Session, viewer: Viewer, *, connect: Connect = guarded) -> Offer:
    """Ask Moodle; raises as the calls do."""
    viewer.require(Capability.MANAGE)
    course = moodle_course(runtime, session, viewer.course_id)
    known = set(session.scalars(select(MoodleAssignment.number).where(_here(viewer), MoodleAssignment.is_polled)))
    with MoodleClient(runtime.engine, course.access, connect=connect) as client:
        site = ask_site(client)
        token = unlocking(MARKING, site.functions, may_download=site.may_download)
        listed = course_assignments(client, course.number) if token.works else []
    found = [Offered(listed=each, is_marked_here=each.number in known, refusal=why_not(each)) for each in listed]
    return Offer(assignments=found, token=token)


def why_not(listed: ListedAssignment) -> InvalidInput | None:
    """Why an assignment cannot be marked here; None where it can."""
    if listed.points < 0:
        return InvalidInput("assignment_scale", "It is graded on a scale. Only assignments with points can be marked.")
    if listed.points == 0:
        return InvalidInput("assignment_pointless", "It has no grade in Moodle.")
    if not listed.takes_work:
        return InvalidInput("assignment_offline", "Nothing is handed in online, so there is nothing to mark here.")
    return None


def marked_here(session: Session, viewer: Viewer) -> Sequence[MoodleAssignment]:
    """The assignments of the viewer's course that were chosen, by title."""
    viewer.require(Capability.GRADE)
    return session.scalars(
        select(MoodleAssignment)
        .join(Placement, Placement.id == MoodleAssignment.placement_id)
        .where(_here(viewer), Placement.kind == PlacementKind.ACTIVITY)
        .order_by(MoodleAssignment.is_polled.desc(), func.lower(Placement.title), MoodleAssignment.id)
    ).all()


def assignment_for(session: Session, viewer: Viewer, placement_id: object) -> MoodleAssignment:
    """One of them, for who may grade; raises NotFound."""
    viewer.require(Capability.GRADE)
    found = session.scalar(select(MoodleAssignment).where(_here(viewer), MoodleAssignment.placement_id == placement_id))
    if found is None:
        raise NotFound("assignment_unknown")
    return found


def moment_of(seconds: int) -> datetime | None:
    """A moment of Moodle's clock; nought is its word for none."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _here(viewer: Viewer) -> ColumnElement[bool]:
    return MoodleAssignment.course_id == viewer.course_id
