"""A course's assignments as Moodle's web services tell them: settings, participants, and the work that was handed in.

Everything is read into values at once, so that an answer of another shape is a PlatformFailed here and nowhere later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import ASSIGNMENTS, MAPPINGS, PARTICIPANTS, SUBMISSIONS
from lti_tool.moodle.refusals import NO_MOODLE

Json = Mapping[str, Any]
SUBMITTED = "submitted"
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class ListedAssignment:
    """`points` is Moodle's own coding: above nought points, below it the number of a scale, nought for no grade."""

    number: int
    module: int
    name: str
    description: str
    points: int
    due_at: int
    takes_work: bool
    is_team: bool
    is_blind: bool
    has_workflow: bool


@dataclass(frozen=True, kw_only=True)
class ListedFile:
    """A file that can be fetched with the same token."""

    name: str
    url: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ListedWork:
    """The latest attempt of a person, or of a group, whose `user` is then 0."""

    number: int
    user: int
    group: int
    attempt: int
    changed_at: int
    html: str
    files: tuple[ListedFile, ...]


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Who may hand in. `name` is empty where marking is blind; `group` is that of a team's work."""

    user: int
    name: str
    given_name: str
    family_name: str
    email: str
    idnumber: str
    group: int
    group_name: str
    has_extension: bool


def course_assignments(client: MoodleClient, course: int) -> list[ListedAssignment]:
    """In Moodle's order; raises as the call does."""
    answer = client.call(ASSIGNMENTS, courseids=[course], includenotenrolledcourses=True)
    return _read(lambda: [as_listed(each) for found in answer["courses"] for each in found["assignments"]])


def submitted_work(client: MoodleClient, number: int, *, since: int) -> list[ListedWork]:
    """What was handed in at or after a moment of Moodle's clock, oldest first; never a draft."""
    answer = client.call(SUBMISSIONS, assignmentids=[number], status=SUBMITTED, since=since)
    if _read(lambda: any(str(warning["warningcode"]) == "1" for warning in answer["warnings"])):
        raise PlatformFailed("moodle_work_closed", "The user of this token may not see the work of this assignment.")
    found = _read(lambda: [_work(each) for listed in answer["assignments"] for each in listed["submissions"]])
    return sorted(found, key=lambda work: (work.changed_at, work.number))


def participants_of(client: MoodleClient, number: int, *, is_blind: bool) -> list[Participant]:
    """Everybody who may hand in, by Moodle's user number; without names where marking is blind."""
    answer = client.call(
        PARTICIPANTS, assignid=number, groupid=0, filter="", skip=0, limit=0, onlyids=is_blind, includeenrolments=False
    )
    return _read(lambda: [_participant(each, is_blind=is_blind) for each in answer])


def participant_numbers(client: MoodleClient, number: int) -> dict[int, int]:
    """By Moodle's user number the one that Moodle's file names carry; only of whom Moodle gave one already."""
    answer = client.call(MAPPINGS, assignmentids=[number])
    if _read(lambda: any(str(warning["warningcode"]) == "1" for warning in answer["warnings"])):
        raise PlatformFailed("moodle_names_closed", "The user of this token may not see the participants’ numbers.")
    return _read(
        lambda: {int(pair["userid"]): int(pair["id"]) for found in answer["assignments"] for pair in found["mappings"]}
    )


def _read(reading: Callable[[], Value]) -> Value:
    try:
        return reading()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def as_listed(found: Json) -> ListedAssignment:
    """One assignment of the answer."""
    return ListedAssignment(
        number=int(found["id"]),
        module=int(found["cmid"]),
        name=str(found["name"]),
        description=str(found.get("intro") or "") + str(found.get("activity") or ""),
        points=int(found["grade"]),
        due_at=int(found.get("duedate") or 0),
        takes_work=not found.get("nosubmissions"),
        is_team=bool(found.get("teamsubmission")),
        is_blind=bool(found.get("blindmarking")) and not found.get("revealidentities"),
        has_workflow=bool(found.get("markingworkflow")),
    )


def _work(found: Json) -> ListedWork:
    plugins: Sequence[Json] = found.get("plugins") or []
    fields = [field for plugin in plugins for field in plugin.get("editorfields") or []]
    areas = [area for plugin in plugins for area in plugin.get("fileareas") or []]
    files = [as_file(listed) for area in areas for listed in area.get("files") or []]
    return ListedWork(
        number=int(found["id"]),
        user=int(found["userid"]),
        group=int(found.get("groupid") or 0),
        attempt=int(found["attemptnumber"]),
        changed_at=int(found["timemodified"]),
        html="\n".join(str(field.get("text") or "") for field in fields),
        files=tuple(files),
    )


def as_file(listed: Json) -> ListedFile:
    """One file of an answer."""
    return ListedFile(name=str(listed["filename"]), url=str(listed["fileurl"]), size=int(listed.get("filesize") or 0))


def _participant(found: Json, *, is_blind: bool) -> Participant:
    def told(name: str) -> str:
        return "" if is_blind else str(found.get(name) or "")

    return Participant(
        user=int(found["id"]),
        name=told("fullname"),
        given_name=told("firstname"),
        family_name=told("lastname"),
        email=told("email"),
        idnumber=told("idnumber"),
        group=int(found.get("groupid") or 0),
        group_name=str(found.get("groupname") or ""),
        has_extension=bool(found.get("grantedextension")),
    )
