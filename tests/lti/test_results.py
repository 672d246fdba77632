"""What the platform holds: read by person or as a whole, never with a limit."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lti_tool.errors import PlatformFailed
from lti_tool.lti.results import Result, find_result, read_results
from tests.fakes.services import Canned, FakeServices, Held
from tests.fixtures.services import Connect

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def gradebook(moodle: FakeServices) -> None:
    for user in ("3", "4"):
        moodle.held[user] = Held(score=float(user), maximum=10, comment="Good", timestamp=AT)


def test_one_person_is_asked_for_by_id(connect: Connect, moodle: FakeServices) -> None:
    result = find_result(connect(), moodle.line_item_url(), "4")
    assert result == Result(user_id="4", score=Decimal("4.0"), maximum=Decimal(10), comment="Good", timestamp=AT)
    assert moodle.received("results")[0].query == {"type_id": "1", "user_id": "4"}


def test_a_person_without_a_grade_has_no_result(connect: Connect, moodle: FakeServices) -> None:
    assert find_result(connect(), moodle.line_item_url(), "5") is None


def test_a_class_is_read_in_one_go_without_a_limit(connect: Connect, moodle: FakeServices) -> None:
    assert set(read_results(connect(), moodle.line_item_url())) == {"3", "4"}
    assert moodle.received("results")[0].query == {"type_id": "1"}


def test_a_cleared_grade_is_a_result_without_a_score(connect: Connect, moodle: FakeServices) -> None:
    moodle.held["4"].score = None
    result = find_result(connect(), moodle.line_item_url(), "4")
    assert result is not None and result.score is None


def test_results_that_are_no_list_are_a_failure_of_the_platform(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("GET", "results", Canned(200, "{}"))
    with pytest.raises(PlatformFailed):
        read_results(connect(), moodle.line_item_url())


@pytest.mark.parametrize(
    "score, maximum, agrees",
    [("7.5", "10", True), ("75", "100", True), ("7.50004", "10", True), ("7.4", "10", False), (None, "10", False)],
)
def test_a_rescaled_result_agrees(score: str | None, maximum: str, agrees: bool) -> None:
    result = Result(
        user_id="4",
        score=Decimal(score) if score else None,
        maximum=Decimal(maximum),
        comment="",
        timestamp=None,
    )
    assert result.agrees_with(Decimal("7.5"), Decimal(10)) is agrees


def test_odd_values_are_read_as_missing(connect: Connect, moodle: FakeServices) -> None:
    body = '[{"userId": 4, "resultScore": "NaN", "resultMaximum": 1e9, "timestamp": "yesterday"}, 5]'
    moodle.answer_next("GET", "results", Canned(200, body))
    result = find_result(connect(), moodle.line_item_url(), "4")
    assert result == Result(user_id="4", score=None, maximum=None, comment="", timestamp=None)
