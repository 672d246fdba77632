"""When work may be handed in, and what late means."""

from datetime import timedelta

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.grading.handing_in import closed_because
from lti_tool.grading.rules import (
    HandInRules,
    Lateness,
    LateSuggestion,
    change_rules,
    is_late,
    late_suggestion,
    rules_of,
)
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def due(activity: Placement, ago: timedelta, **rules: object) -> Placement:
    """The activity with a due date so long ago, under these rules."""
    activity.due_at = now() - ago
    change_rules(activity, HandInRules(**rules))  # type: ignore[arg-type]  # a test's shorthand
    return activity


def test_without_a_word_late_work_is_taken_and_marked(activity: Placement) -> None:
    assert rules_of(activity) == HandInRules(lateness=Lateness.MARKED)
    activity.due_at = now() - HOUR
    assert is_late(activity, now())


def test_a_due_date_may_mean_nothing(house: House, activity: Placement, handed_in: HandIn) -> None:
    due(activity, HOUR, lateness=Lateness.UNMARKED)
    assert not handed_in().is_late


def test_late_work_is_marked(activity: Placement, handed_in: HandIn) -> None:
    due(activity, HOUR, lateness=Lateness.PERCENT)
    assert handed_in().is_late


@pytest.mark.parametrize(
    ("ago", "percent", "days", "suggested"),
    [(HOUR, 10, 1, 10), (DAY + HOUR, 10, 2, 20), (DAY * 30, 10, 31, 100), (-HOUR, 10, 0, 0)],
)
def test_a_deduction_is_suggested_for_each_day_that_has_begun(
    activity: Placement, ago: timedelta, percent: int, days: int, suggested: int
) -> None:
    due(activity, ago, lateness=Lateness.PERCENT, percent_per_day=percent)
    expected = LateSuggestion(days=days, percent=suggested) if days else None
    assert late_suggestion(activity, now()) == expected


def test_nothing_is_suggested_where_the_rule_says_nothing(activity: Placement) -> None:
    due(activity, DAY)
    assert late_suggestion(activity, now()) is None


@pytest.mark.parametrize(("days", "closed"), [(0, True), (1, True), (3, False), (None, False)])
def test_an_activity_closes_so_many_days_after_the_due_date(
    house: House, activity: Placement, days: int | None, closed: bool
) -> None:
    due(activity, DAY * 2, days_open=days)
    reason = closed_because(house.session, viewer_of(house, "student"), activity)
    assert (reason is not None and reason.code == "work_closed") is closed


def test_attempts_run_out(house: House, activity: Placement, handed_in: HandIn) -> None:
    change_rules(activity, HandInRules(most_attempts=2))
    handed_in()
    handed_in()
    with pytest.raises(InvalidInput, match="all of your attempts"):
        handed_in()


@pytest.mark.parametrize("wrong", [{"percent_per_day": 0}, {"days_open": 366}, {"most_attempts": 0}])
def test_a_number_out_of_range_is_refused(activity: Placement, wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        change_rules(activity, HandInRules(**wrong))  # type: ignore[arg-type]  # numbers all
