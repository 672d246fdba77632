"""What a Moodle assignment holds of its students' grades now: the only proof that one was saved.

Moodle lists grades of the latest attempt alone; a grade that reopened the work is found among earlier attempts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.lti.results import CLOSE
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import GRADES, STATUS
from lti_tool.moodle.refusals import NO_MOODLE

COMMENTS = "comments"


@dataclass(frozen=True, kw_only=True)
class HeldGrade:
    """Moodle's grade of one person, in the assignment's own points; below nought is Moodle's word for none."""

    score: Decimal
    maximum: Decimal

    def agrees_with(self, points: Decimal, maximum: Decimal) -> bool:
        """Whether this is the same share of the maximum."""
        return abs(self.score / self.maximum - points / maximum) < CLOSE


@dataclass(frozen=True, kw_only=True)
class WorkNow:
    """A person's work as it stands in Moodle; `workflow` is Moodle's word for where its grade is.

    `grades` and `comments` are those that Moodle tells beside the work, by attempt.
    """

    attempt: int
    changed_at: int
    status: str
    workflow: str
    grades: Mapping[int, Decimal]
    comments: Mapping[int, str]


def held_grades(client: MoodleClient, number: int, maximum: Decimal, *, since: int = 0) -> dict[str, HeldGrade]:
    """Grades by user id, of the latest attempts; raises as the call does."""
    answer = client.call(GRADES, assignmentids=[number], since=since)
    try:
        if any(warning["warningcode"] == "1" for warning in answer["warnings"]):
            raise PlatformFailed("moodle_grades_closed", "The user of this token may not see the work and its grades.")
        listed = [grade for assignment in answer["assignments"] for grade in assignment["grades"]]
        grades = {str(grade["userid"]): _points(grade["grade"]) for grade in listed}
    except (KeyError, TypeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error
    return {
        user: HeldGrade(score=points, maximum=maximum)
        for user, points in grades.items()
        if points is not None and points >= 0
    }


def work_now(client: MoodleClient, number: int, user_id: str, *, is_team: bool) -> WorkNow:
    """Raises as the call does."""
    answer = client.call(STATUS, assignid=number, userid=user_id)
    try:
        attempt = answer.get("lastattempt") or {}
        work = attempt.get("teamsubmission" if is_team else "submission") or {}
        return WorkNow(
            attempt=int(work.get("attemptnumber") or 0),
            changed_at=int(work.get("timemodified") or 0),
            status=str(work.get("status") or ""),
            workflow=str(attempt.get("gradingstatus") or ""),
            grades=_grades(answer),
            comments=_comments(answer),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _grades(answer: Mapping[str, Any]) -> dict[int, Decimal]:
    told = [each.get("grade") for each in (*(answer.get("previousattempts") or []), answer.get("feedback") or {})]
    grades = {int(grade["attemptnumber"]): _points(grade["grade"]) for grade in told if grade}
    return {attempt: points for attempt, points in grades.items() if points is not None and points >= 0}


def _comments(answer: Mapping[str, Any]) -> dict[int, str]:
    """What the plugin for comments holds of each attempt; nothing where Moodle does not show it yet."""
    latest = answer.get("feedback") or {}
    told = [(each.get("grade"), each.get("feedbackplugins")) for each in answer.get("previousattempts") or []]
    told.append((latest.get("grade"), latest.get("plugins")))
    return {
        int(grade["attemptnumber"]): str(field["text"])
        for grade, plugins in told
        for plugin in plugins or []
        for field in plugin.get("editorfields") or []
        if grade and plugin["type"] == field["name"] == COMMENTS
    }


def _points(value: object) -> Decimal | None:
    try:
        points = Decimal(str(value))
    except InvalidOperation:
        return None
    return points if points.is_finite() else None
