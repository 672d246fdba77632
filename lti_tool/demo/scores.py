"""A score arrives, a result is asked for (AGS): Moodle's rules about order, locks, comments and overrides.

One transaction per (column, person) at a time; a score of the same second or an older one is a conflict.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.demo.ags import as_number
from lti_tool.demo.models import CourseRole, Enrolment, Grade, LineItem
from lti_tool.demo.refusals import ServiceRefused

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def accept(session: Session, item: LineItem, content: Any) -> None:
    """Store a score; raises ServiceRefused with the status Moodle answers."""
    score = _checked(content)
    moment = _whole_second(score["timestamp"])
    grade = cell(session, item, _student(session, item, score["userId"]))
    if grade.is_locked:
        raise ServiceRefused("locked", HTTPStatus.INTERNAL_SERVER_ERROR)
    if grade.scored_at is not None and moment <= grade.scored_at:
        raise ServiceRefused("an older score", HTTPStatus.CONFLICT)
    _store(grade, score, item.score_maximum, moment)


def results(issuer_url: str, session: Session, item: LineItem, user_id: str | None) -> list[dict[str, Any]]:
    """What the gradebook shows for the column, one person or all who have a grade."""
    grades = select(Grade).where(Grade.line_item_id == item.id).order_by(Grade.person_id)
    if user_id is not None:
        grades = grades.where(Grade.person_id == (int(user_id) if user_id.isdecimal() else 0))
    return [_result(issuer_url, item, grade) for grade in session.scalars(grades)]


def final_score(grade: Grade, maximum: Decimal) -> Decimal | None:
    """The teacher's number if there is one, else the tool's, never below nought or above the maximum."""
    score = grade.score if grade.overridden_score is None else grade.overridden_score
    return None if score is None else min(max(score, Decimal(0)), maximum)


def _store(grade: Grade, score: Mapping[str, Any], maximum: Decimal, moment: datetime) -> None:
    """An omitted comment erases the comment; anything but FullyGraded erases the grade.

    With neither grade nor comment left, Moodle forgets the time too, so that any order is accepted again.
    """
    grade.comment = score.get("comment") or ""
    is_final = score["gradingProgress"] == "FullyGraded"
    grade.score = _rescaled(score, maximum) if is_final and "scoreGiven" in score else None
    has_content = grade.score is not None or bool(grade.comment)
    grade.scored_at = moment if has_content else None


def _rescaled(score: Mapping[str, Any], maximum: Decimal) -> Decimal:
    given, asked = Decimal(str(score["scoreGiven"])), Decimal(str(score["scoreMaximum"]))
    return given if asked == 0 else given / asked * maximum


def _checked(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ServiceRefused("no JSON object")
    for name in ("userId", "timestamp", "activityProgress", "gradingProgress"):
        if not isinstance(content.get(name), str) or not content[name]:
            raise ServiceRefused(f"no {name}")
    if "scoreGiven" in content:
        for name in ("scoreGiven", "scoreMaximum"):
            _check_number(name, content.get(name))
    if not isinstance(content.get("comment", ""), str | None):
        raise ServiceRefused("comment is not text")
    score: Mapping[str, Any] = content
    return score


def _check_number(name: str, value: Any) -> None:
    try:
        is_number = not isinstance(value, bool) and abs(Decimal(str(value))) < 1_000_000
    except InvalidOperation:
        is_number = False
    if not is_number:
        raise ServiceRefused(f"{name} is not a number")


def _whole_second(timestamp: str) -> datetime:
    if not ISO_8601.fullmatch(timestamp):
        raise ServiceRefused("timestamp is not ISO 8601")
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise ServiceRefused("timestamp is not a moment") from error
    return moment.astimezone(UTC).replace(microsecond=0)


def _student(session: Session, item: LineItem, user_id: str) -> int:
    person_id = int(user_id) if user_id.isdecimal() and len(user_id) < 10 else 0
    enrolment = session.get(Enrolment, (item.course_id, person_id))
    if enrolment is None or enrolment.role != CourseRole.STUDENT:
        raise ServiceRefused("this person cannot be graded here")
    return person_id


def cell(session: Session, item: LineItem, person_id: int) -> Grade:
    """The person's cell in the column, held until the transaction ends."""
    values = {"line_item_id": item.id, "person_id": person_id, "comment": "", "is_locked": False}
    session.execute(insert(Grade).values(**values).on_conflict_do_nothing())
    held = select(Grade).where(Grade.line_item_id == item.id, Grade.person_id == person_id)
    return session.scalars(held.with_for_update()).one()


def _result(issuer_url: str, item: LineItem, grade: Grade) -> dict[str, Any]:
    path, _, query = issuer_url.partition("?")
    score = final_score(grade, item.score_maximum)
    result: dict[str, Any] = {
        "id": f"{path}/results/{grade.person_id}/result?{query}",
        "userId": str(grade.person_id),
        "scoreOf": issuer_url,
        "resultMaximum": as_number(item.score_maximum),
    }
    if score is not None:
        result["resultScore"] = as_number(score)
    if grade.comment:
        result["comment"] = grade.comment
    return result
