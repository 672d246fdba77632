"""Whether the latest papers are told from the earlier ones."""

from decimal import Decimal

from lti_tool.grading.agreement.drift import WINDOW, find_drift
from lti_tool.grading.agreement.statistics import Pair

BAR = Decimal("0.70")
STEADY: list[Pair] = [(place % 6 + (place % 5 == 0), place % 6) for place in range(60)]
WILD: list[Pair] = [((place * 5 + 3) % 6, place % 6) for place in range(WINDOW)]


def test_before_two_windows_of_papers_nothing_is_said() -> None:
    assert find_drift(STEADY[: 2 * WINDOW - 1], BAR) is None


def test_who_goes_on_as_before_has_not_drifted() -> None:
    drift = find_drift(STEADY, BAR)
    assert drift is not None and not drift.has_drifted


def test_who_misses_much_more_than_before_has_drifted() -> None:
    drift = find_drift([*STEADY, *WILD], BAR)
    assert drift is not None and drift.has_drifted
    assert drift.recent_miss > drift.earlier_miss


def test_who_was_always_as_bad_has_not_drifted() -> None:
    drift = find_drift(WILD * 4, BAR)
    assert drift is not None and not drift.has_drifted


def test_a_change_above_the_bar_is_no_drift() -> None:
    drift = find_drift([*[(mark, mark) for _, mark in STEADY], *STEADY[:WINDOW]], BAR)
    assert drift is not None and not drift.has_drifted
