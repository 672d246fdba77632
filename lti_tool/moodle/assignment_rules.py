"""What an assignment allows: how work is handed in to it, which feedback it takes, and when it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.assignments import ListedAssignment, as_listed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import ASSIGNMENTS
from lti_tool.moodle.refusals import NO_MOODLE

Json = Mapping[str, Any]
REOPENED_BY_GRADES = frozenset({"automatic", "untilpass"})


@dataclass(frozen=True, kw_only=True)
class AssignmentRules:
    """As the user of the token is bound by them; moments are of Moodle's clock, and nought is its word for none."""

    listed: ListedAssignment
    has_drafts: bool
    needs_statement: bool
    statement: str
    opens_at: int
    cut_off_at: int
    is_timed: bool
    is_reopened_by_grades: bool
    takes_files: bool
    most_bytes: int
    file_types: str
    takes_text: bool
    gives_files: bool

    @property
    def number(self) -> int:
        return self.listed.number


def rules_of_course(client: MoodleClient, course: int) -> list[AssignmentRules]:
    """Every assignment that the user of the token sees, in Moodle's order; raises as the call does."""
    answer = client.call(ASSIGNMENTS, courseids=[course], includenotenrolledcourses=True)
    try:
        return [_rules(each) for found in answer["courses"] for each in found["assignments"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def find_rules(client: MoodleClient, course: int, number: int) -> AssignmentRules | None:
    """One of them."""
    return next((rules for rules in rules_of_course(client, course) if rules.number == number), None)


def _rules(found: Json) -> AssignmentRules:
    """Only the plugins that are switched on have settings in the answer."""
    plugins = {(str(each["subtype"]), str(each["plugin"])) for each in found.get("configs") or []}
    takes_files = ("assignsubmission", "file") in plugins
    return AssignmentRules(
        listed=as_listed(found),
        has_drafts=bool(found.get("submissiondrafts")),
        needs_statement=bool(found.get("requiresubmissionstatement") and found.get("submissionstatement")),
        statement=str(found.get("submissionstatement") or ""),
        opens_at=int(found.get("allowsubmissionsfromdate") or 0),
        cut_off_at=int(found.get("cutoffdate") or 0),
        is_timed=bool(found.get("timelimit")),
        is_reopened_by_grades=_is_reopened(found),
        takes_files=takes_files and int(_setting(found, "maxfilesubmissions") or 1) > 0,
        most_bytes=int(_setting(found, "maxsubmissionsizebytes") or 0),
        file_types=_setting(found, "filetypeslist"),
        takes_text=("assignsubmission", "onlinetext") in plugins,
        gives_files=("assignfeedback", "file") in plugins,
    )


def _is_reopened(found: Json) -> bool:
    """One attempt in all is what Moodle proposes; then no grade opens another."""
    method = str(found.get("attemptreopenmethod") or "")
    return method in REOPENED_BY_GRADES and int(found.get("maxattempts") or -1) != 1


def _setting(found: Json, name: str) -> str:
    """Of the plugin that takes files."""
    for each in found.get("configs") or []:
        if (each["subtype"], each["plugin"], each["name"]) == ("assignsubmission", "file", name):
            return str(each.get("value") or "")
    return ""
