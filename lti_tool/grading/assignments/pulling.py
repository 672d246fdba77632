"""Fetching the work of an assignment: its settings, who may hand in, and what was handed in since the last time.

No transaction is open while Moodle is asked; each piece of work is one transaction, oldest first, so that what was
fetched stays when a later one fails, and the next round goes on from there. A draft is never fetched.
"""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import MoodleCourse
from lti_tool.accounts.roster.joining import join
from lti_tool.db import now, transaction
from lti_tool.errors import PlatformFailed, ToolError
from lti_tool.files.store import FileStore
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.resend import ask_moodle
from lti_tool.grading.assignments.fetching import FetchedFile, fetch_files
from lti_tool.grading.assignments.keeping import keep_work
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.assignments.offered import moodle_course
from lti_tool.grading.assignments.settings import keep_settings
from lti_tool.lti.memberships import Member
from lti_tool.moodle.assignments import (
    ListedAssignment,
    ListedWork,
    Participant,
    course_assignments,
    participants_of,
    submitted_work,
)
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.definitions import find_definition
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import read

log = logging.getLogger(__name__)
DEFECT = "Something went wrong."
RUBRIC_CHANGED = N_("The rubric or guide was changed in Moodle. Take it over again before you go on marking.")


@dataclass(frozen=True, kw_only=True)
class _Target:
    """What a pull needs to know of its assignment."""

    assignment_id: int
    number: int
    since: int
    rubric_changed_at: int
    course: MoodleCourse
    most_bytes: int


def pull(runtime: Runtime, assignment_id: int, *, connect: Connect = guarded) -> int:
    """Fetch what is new; how many pieces of work. What fails is said in the assignment's row, and nothing is raised."""
    reason, fetched = "", 0
    try:
        target = _target(runtime, assignment_id)
        with MoodleClient(runtime.engine, target.course.access, connect=connect) as client:
            fetched, reason = _pull(runtime, client, target)
    except ToolError as error:
        log.warning("assignment_not_read", extra={"code": error.code, "assignment": assignment_id})
        reason = error.sentence
    except Exception:
        # A defect: the row must not go on saying that all is well.
        _end(runtime, assignment_id, DEFECT)
        raise
    _end(runtime, assignment_id, reason)
    return fetched


def _target(runtime: Runtime, assignment_id: int) -> _Target:
    with transaction(runtime.engine) as session:
        assignment = session.get_one(MoodleAssignment, assignment_id)
        return _Target(
            assignment_id=assignment_id,
            number=assignment.number,
            since=assignment.seen_until,
            rubric_changed_at=assignment.rubric_changed_at,
            course=moodle_course(runtime, session, assignment.course_id),
            most_bytes=read(session, MAX_FILE_SIZE_MB, assignment.course_id) * 1024 * 1024,
        )


def _pull(runtime: Runtime, client: MoodleClient, target: _Target) -> tuple[int, str]:
    listed = _listed(client, target)
    definition = find_definition(client, listed.module)
    participants = participants_of(client, target.number, is_blind=listed.is_blind)
    with transaction(runtime.engine) as session:
        assignment = session.get_one(MoodleAssignment, target.assignment_id)
        keep_settings(session, assignment, listed)
        course = session.get_one(Course, assignment.course_id)
        people = join(session, course, [_member(each) for each in participants])
    fetched = 0
    for work in submitted_work(client, target.number, since=target.since):
        fetched += _fetch(runtime, client, target, work, _owners(work, listed, participants), people)
    changed_at = definition.changed_at if definition else 0
    return fetched, RUBRIC_CHANGED if changed_at != target.rubric_changed_at else ""


def _listed(client: MoodleClient, target: _Target) -> ListedAssignment:
    for listed in course_assignments(client, target.course.number):
        if listed.number == target.number:
            return listed
    raise PlatformFailed("assignment_gone", "Moodle has no such assignment in this course any more.")


def _member(participant: Participant) -> Member:
    return Member(
        user_id=str(participant.user),
        roles=(),
        name=participant.name,
        given_name=participant.given_name,
        family_name=participant.family_name,
        email=participant.email,
        idnumber=participant.idnumber,
    )


def _owners(work: ListedWork, listed: ListedAssignment, participants: Sequence[Participant]) -> list[Participant]:
    """Whose work it is: one person's, or that of everybody in the group. In a team nobody hands in alone."""
    if listed.is_team:
        return [each for each in participants if work.user == 0 and each.group == work.group]
    return [each for each in participants if each.user == work.user]


def _fetch(
    runtime: Runtime,
    client: MoodleClient,
    target: _Target,
    work: ListedWork,
    owners: Sequence[Participant],
    people: Mapping[str, int],
) -> bool:
    with transaction(runtime.engine) as session:
        if _is_known(session, target, work) or not owners:
            _see(session, target, work)
            return False
    with tempfile.TemporaryDirectory(prefix="lectern-work-") as folder, ExitStack() as open_files:
        files = fetch_files(client, work.files, Path(folder), open_files, most_bytes=target.most_bytes)
        _keep(runtime, target, work, owners, people, files)
    return True


def _keep(
    runtime: Runtime,
    target: _Target,
    work: ListedWork,
    owners: Sequence[Participant],
    people: Mapping[str, int],
    files: Sequence[FetchedFile],
) -> None:
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        assignment = session.get_one(MoodleAssignment, target.assignment_id)
        for owner in owners:
            keep_work(session, store, assignment, people[str(owner.user)], owner, work, files)
        _see(session, target, work)


def _is_known(session: Session, target: _Target, work: ListedWork) -> bool:
    known = select(PulledWork.submission_id).where(
        PulledWork.moodle_assignment_id == target.assignment_id,
        PulledWork.number == work.number,
        PulledWork.changed_at == work.changed_at,
    )
    return session.scalars(known.limit(1)).first() is not None


def _see(session: Session, target: _Target, work: ListedWork) -> None:
    """Asked for again from this second on: what comes within it is told by its number."""
    session.get_one(MoodleAssignment, target.assignment_id).seen_until = work.changed_at


def _end(runtime: Runtime, assignment_id: int, reason: str) -> None:
    with transaction(runtime.engine) as session:
        assignment = session.get_one(MoodleAssignment, assignment_id)
        assignment.polled_at, assignment.reason = now(), reason
        ask_moodle(session, assignment_id)
