"""One person's work and feedback as they stand in a Moodle assignment: the only proof that anything was kept there."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.assignments import ListedFile, as_file
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import STATUS
from lti_tool.moodle.refusals import NO_MOODLE

Json = Mapping[str, Any]
DRAFT, SUBMITTED, REOPENED = "draft", "submitted", "reopened"


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """What was said about the latest attempt; no `points` where there is no grade yet."""

    number: int
    attempt: int
    points: Decimal | None
    changed_at: int
    files: tuple[ListedFile, ...]
    comment: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`status` and `workflow` are Moodle's own words; `may_edit` is whether the work may be changed now.

    Moodle tells no feedback while its marking workflow holds it back.
    """

    attempt: int
    status: str
    changed_at: int
    files: tuple[ListedFile, ...]
    text: str
    is_locked: bool
    may_edit: bool
    is_team: bool
    workflow: str
    feedback: Feedback | None


def standing_of(client: MoodleClient, number: int, user: int) -> Standing:
    """Asked by the person's own key, or by one that may see the work of others; raises as the call does."""
    answer = client.call(STATUS, assignid=number, userid=user)
    try:
        return _standing(answer, answer.get("lastattempt") or {})
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _standing(answer: Json, attempt: Json) -> Standing:
    work: Json = attempt.get("submission") or attempt.get("teamsubmission") or {}
    told = answer.get("feedback") or {}
    return Standing(
        attempt=int(work.get("attemptnumber") or 0),
        status=str(work.get("status") or ""),
        changed_at=int(work.get("timemodified") or 0),
        files=_files(work, "file"),
        text=_text(work, "onlinetext").strip(),
        is_locked=bool(attempt.get("locked")),
        may_edit=bool(attempt.get("caneditowner", attempt.get("canedit"))),
        is_team=bool(attempt.get("teamsubmission")),
        workflow=str(attempt.get("gradingstatus") or ""),
        feedback=_feedback(told, told["grade"]) if told.get("grade") else None,
    )


def _feedback(told: Json, grade: Json) -> Feedback:
    points = Decimal(str(grade.get("grade") or "-1"))
    return Feedback(
        number=int(grade["id"]),
        attempt=int(grade.get("attemptnumber") or 0),
        points=points if points >= 0 else None,
        changed_at=int(grade.get("timemodified") or 0),
        files=_files(told, "file"),
        comment=_text(told, "comments").strip(),
    )


def _files(item: Json, kind: str) -> tuple[ListedFile, ...]:
    areas = [area for plugin in item.get("plugins") or [] if plugin["type"] == kind for area in plugin["fileareas"]]
    return tuple(as_file(listed) for area in areas for listed in area.get("files") or [])


def _text(item: Json, kind: str) -> str:
    plugins = [plugin for plugin in item.get("plugins") or [] if plugin["type"] == kind]
    return "".join(str(field.get("text") or "") for plugin in plugins for field in plugin.get("editorfields") or [])
