"""What the platform's gradebook holds now (AGS 2.0 section 3.3): the only proof that a score counts.

Never with `limit`: in Moodle that is a fatal error. One person is asked for by `user_id`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pylti1p3.exception import LtiException
from pylti1p3.lineitem import LineItem
from pylti1p3.utils import add_param_to_url

from lti_tool.errors import PlatformFailed
from lti_tool.lti.line_items import GRADING, grades_service, service_url
from lti_tool.lti.services import PlatformConnector

ACCEPT = "application/vnd.ims.lis.v2.resultcontainer+json"
LARGEST = Decimal(1_000_000)
CLOSE = Decimal("0.0005")
"""Platforms keep grades with five decimals, rescaled to the column's maximum."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The platform's grade of one person."""

    user_id: str
    score: Decimal | None
    maximum: Decimal | None
    comment: str
    timestamp: datetime | None

    def agrees_with(self, points: Decimal, maximum: Decimal) -> bool:
        """Whether this is the same share of the maximum; without a score it is not."""
        if self.score is None:
            return False
        return abs(self.score / (self.maximum or maximum) - min(points / maximum, Decimal(1))) < CLOSE


def find_result(connector: PlatformConnector, line_item_url: str, user_id: str) -> Result | None:
    """One person's result, or None if the platform holds none; raises PlatformFailed."""
    url = add_param_to_url(service_url(line_item_url, "results"), "user_id", user_id)
    body = connector.make_service_request(GRADING, url, accept=ACCEPT)["body"]
    return _by_user(body if isinstance(body, list) else []).get(user_id)


def read_results(connector: PlatformConnector, line_item_url: str) -> dict[str, Result]:
    """Every result of a column by user id, in one go; raises PlatformFailed."""
    try:
        return _by_user(grades_service(connector).get_grades(LineItem({"id": line_item_url})))
    except LtiException as error:
        raise PlatformFailed("results_unreadable") from error


def _by_user(items: Iterable[Any]) -> dict[str, Result]:
    results = [_result(item) for item in items if isinstance(item, dict) and item.get("userId") is not None]
    return {result.user_id: result for result in results}


def _result(item: dict[str, Any]) -> Result:
    return Result(
        user_id=str(item["userId"]),
        score=_decimal(item.get("resultScore")),
        maximum=_decimal(item.get("resultMaximum")),
        comment=str(item.get("comment") or ""),
        timestamp=_moment(item.get("timestamp")),
    )


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
