"""Send one approved grade, once: find the column, look before repeating, read back after a conflict.

A push is uncertain when its last sender fell silent after it may have sent. It is then read back first, and sent only
if the platform does not hold it already: so a killed worker neither loses a grade nor delivers it twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, PlatformFailed
from lti_tool.gradebook.deliveries import ColumnDelivery, Sent
from lti_tool.lti.line_items import find_line_item
from lti_tool.lti.results import Result, find_result
from lti_tool.lti.scores import MOODLE, Outcome, ScoreAnswer, failed_call, send_score
from lti_tool.lti.services import PlatformConnector

MOST_AHEAD = timedelta(days=366)
NO_COLUMN = ScoreAnswer(outcome=Outcome.GONE, reason="no_column")


def send(connector: PlatformConnector, delivery: ColumnDelivery) -> Sent:
    """Bring a claimed grade to the platform; never raises for what a platform or a switch may do."""
    try:
        return _send(connector, delivery)
    except NotAllowed as error:
        if error.code not in {"feature_off", "registration_disabled"}:
            raise
        off = ScoreAnswer(outcome=Outcome.BUSY, reason=error.code)
        return Sent(answer=off, line_item_url=delivery.line_item_url, is_switched_off=True)
    except (PlatformFailed, InvalidInput) as error:
        return Sent(answer=_nothing_sent(error), line_item_url=delivery.line_item_url)


def _send(connector: PlatformConnector, delivery: ColumnDelivery) -> Sent:
    url = delivery.line_item_url or _find_column(connector, delivery)
    if url is None:
        return Sent(answer=NO_COLUMN, line_item_url=None)
    sent = _send_to(connector, delivery, url)
    if sent.answer.outcome is Outcome.GONE and delivery.line_item_url:
        # The column was made anew (course restored, activity graded again): ask once where it is now.
        found = _find_column(connector, delivery)
        if found and found != url:
            return _send_to(connector, replace(delivery, is_uncertain=False), found)
    return sent


def _send_to(connector: PlatformConnector, delivery: ColumnDelivery, url: str) -> Sent:
    if delivery.is_uncertain and _holds(find_result(connector, url, delivery.score.user_id), delivery):
        return _accepted(url)
    if not delivery.is_live:
        return Sent(answer=ScoreAnswer(outcome=Outcome.BUSY, reason="lease_over"), line_item_url=url)
    answer = send_score(connector, url, delivery.score)
    if _may_be_old(answer, connector):
        return _look_closer(connector, delivery, url, answer)
    return Sent(answer=answer, line_item_url=url)


def _look_closer(connector: PlatformConnector, delivery: ColumnDelivery, url: str, answer: ScoreAnswer) -> Sent:
    """The platform holds something at least as new: ours, or somebody else's whose time we must pass."""
    try:
        result = find_result(connector, url, delivery.score.user_id)
    except PlatformFailed:
        result = None
    if _holds(result, delivery):
        return _accepted(url)
    held_at = _believable(result.timestamp if result else None)
    if answer.outcome is Outcome.REFUSED and _is_as_new(held_at, delivery.score.timestamp):
        answer = replace(answer, outcome=Outcome.CONFLICT)
    return Sent(answer=answer, line_item_url=url, platform_timestamp=held_at)


def _believable(held_at: datetime | None) -> datetime | None:
    """A clock a year ahead is not followed: no grade could ever pass it."""
    return held_at if held_at and held_at < now() + MOST_AHEAD else None


def _may_be_old(answer: ScoreAnswer, connector: PlatformConnector) -> bool:
    """409 says so; Open edX says it with a 400, which in Moodle means that the person cannot be graded."""
    is_moodle = connector.access.product_family.lower() == MOODLE
    return answer.outcome is Outcome.CONFLICT or (answer.outcome is Outcome.REFUSED and not is_moodle)


def _is_as_new(held_at: datetime | None, ours: datetime) -> bool:
    return held_at is not None and held_at >= ours


def _holds(result: Result | None, delivery: ColumnDelivery) -> bool:
    if result is None or not result.agrees_with(delivery.score.points, delivery.score.maximum):
        return False
    return _plain(result.comment) == _plain(delivery.score.comment)


def _plain(comment: str) -> list[str]:
    """A comment as platforms give it back: spaces and entities may differ."""
    return unescape(comment).split()


def _accepted(url: str) -> Sent:
    return Sent(answer=ScoreAnswer(outcome=Outcome.ACCEPTED, reason="read_back"), line_item_url=url)


def _find_column(connector: PlatformConnector, delivery: ColumnDelivery) -> str | None:
    if not delivery.line_items_url:
        return None
    return find_line_item(
        connector,
        delivery.line_items_url,
        resource_link_id=delivery.resource_link,
        placement_id=delivery.placement_id,
    )


def _nothing_sent(error: PlatformFailed | InvalidInput) -> ScoreAnswer:
    """A call before the score failed: the score did not leave, so silence is no doubt."""
    answer = failed_call(error)
    return replace(answer, outcome=Outcome.BUSY) if answer.outcome is Outcome.UNKNOWN else answer
