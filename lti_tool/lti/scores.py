"""Send one score (AGS 2.0 section 3.4) and say what came of it, in words that do not depend on the platform.

Moodle: one-line JSON, whole seconds, always a comment (an omitted one erases feedback), only FullyGraded (anything
else erases the grade), and success is 2xx with an empty body: `[]` with 200 means that it ignored the score.
Other platforms answer 2xx with a body of their own (Open edX: 201 with the score).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException
from pylti1p3.grade import Grade as PlatformGrade
from pylti1p3.lineitem import LineItem

from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.lti.line_items import grades_service, service_url
from lti_tool.lti.services import PlatformConnector, ServiceRefused

MOODLE = "moodle"


@dataclass(frozen=True, kw_only=True)
class Score:
    """What we send for one person."""

    user_id: str
    points: Decimal
    maximum: Decimal
    comment: str
    timestamp: datetime


class Outcome(StrEnum):
    """What came of sending a score."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    UNAUTHORISED = "unauthorised"
    GONE = "gone"
    CONFLICT = "conflict"
    REFUSED = "refused"
    BROKEN = "broken"
    BUSY = "busy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class ScoreAnswer:
    """An outcome with the platform's status code, if it answered."""

    outcome: Outcome
    code: int | None = None
    retry_after: float | None = None
    reason: str = ""


class CompactGrade(PlatformGrade):
    """PyLTI1p3's grade on one line without spaces."""

    def get_value(self) -> str:
        return json.dumps(json.loads(super().get_value()), separators=(",", ":"), ensure_ascii=False)


def send_score(connector: PlatformConnector, line_item_url: str, score: Score) -> ScoreAnswer:
    """Post the score; raises NotAllowed when pushing is switched off, never PlatformFailed."""
    item = LineItem({"id": line_item_url})
    try:
        answer = _service(connector, line_item_url).put_grade(_platform_grade(score), item)
    except (PlatformFailed, InvalidInput) as error:
        return failed_call(error)
    except LtiException:
        return ScoreAnswer(outcome=Outcome.REFUSED, reason="score_malformed")
    if connector.access.product_family.lower() == MOODLE and answer["body"] is not None:
        return ScoreAnswer(outcome=Outcome.IGNORED, code=200)
    return ScoreAnswer(outcome=Outcome.ACCEPTED, code=200)


def _service(connector: PlatformConnector, line_item_url: str) -> AssignmentsGradesService:
    service_url(line_item_url, "scores")
    return grades_service(connector)


def _platform_grade(score: Score) -> CompactGrade:
    grade = CompactGrade()
    grade.set_user_id(score.user_id).set_timestamp(score.timestamp.isoformat(timespec="seconds"))
    grade.set_score_given(_number(score.points)).set_score_maximum(_number(score.maximum))
    grade.set_activity_progress("Completed").set_grading_progress("FullyGraded").set_comment(score.comment)
    return grade


def _number(value: Decimal) -> int | float:
    """JSON's number: 7 rather than 7.0, and the shortest text that means the same otherwise."""
    return int(value) if value == value.to_integral_value() else float(value)


REFUSALS = {
    400: Outcome.REFUSED,
    401: Outcome.UNAUTHORISED,
    403: Outcome.GONE,
    404: Outcome.GONE,
    409: Outcome.CONFLICT,
    429: Outcome.BUSY,
    500: Outcome.BROKEN,
}


def failed_call(error: PlatformFailed | InvalidInput) -> ScoreAnswer:
    """What a failed call means for a score; silence leaves open whether it arrived."""
    if isinstance(error, ServiceRefused):
        return ScoreAnswer(outcome=_refusal(error.status_code), code=error.status_code, retry_after=error.retry_after)
    if isinstance(error, InvalidInput):
        return ScoreAnswer(outcome=Outcome.REFUSED, reason=error.code)
    if error.code == "token_refused":
        return ScoreAnswer(outcome=Outcome.UNAUTHORISED)
    outcome = Outcome.BUSY if error.code == "token_unavailable" else Outcome.UNKNOWN
    return ScoreAnswer(outcome=outcome, reason=error.code)


def _refusal(status_code: int) -> Outcome:
    """502, 503, 504 and what a proxy invents come from a gateway: the score may have arrived behind it."""
    fallback = Outcome.UNKNOWN if status_code >= 500 else Outcome.REFUSED
    return REFUSALS.get(status_code, fallback)
