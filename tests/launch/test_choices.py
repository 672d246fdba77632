"""What the picker's fields may hold."""

from datetime import UTC, datetime

import pytest

from lti_tool.accounts.models import PlacementKind
from lti_tool.launch.choices import Choice, Choices, read_choices

FIELDS = {"activity-title": "Essay", "activity-points": "10"}


def read(**changes: str) -> Choices:
    fields = FIELDS | {f"activity-{name.replace('_', '-')}": value for name, value in changes.items()}
    return read_choices(["activity"], fields, multiple=True)


def test_a_plain_choice() -> None:
    assert read().chosen == (Choice(kind=PlacementKind.ACTIVITY, title="Essay", points=10),)


def test_an_unknown_kind_is_no_choice() -> None:
    assert "kind" in read_choices(["forum"], FIELDS, multiple=True).errors


@pytest.mark.parametrize("points", ["0", "101", "-1", "1.5", "ten", "", "１０", "9" * 5000])
def test_points_are_whole_and_at_most_a_hundred(points: str) -> None:
    assert set(read(points=points).errors) == {"activity-points"}


@pytest.mark.parametrize("title", ["", "x" * 256, "two\nlines"])
def test_a_title_is_one_line(title: str) -> None:
    assert set(read(title=title).errors) == {"activity-title"}


def test_a_due_date_is_in_utc_unless_the_page_says_otherwise() -> None:
    assert read(due="2027-05-31T23:59").chosen[0].due_at == datetime(2027, 5, 31, 23, 59, tzinfo=UTC)
    local = read(due="2027-05-31T23:59", due_utc="2027-05-31T20:59:00.000Z")
    assert local.chosen[0].due_at == datetime(2027, 5, 31, 20, 59, tzinfo=UTC)


def test_a_cleared_due_date_is_none() -> None:
    assert read(due="", due_utc="2027-05-31T20:59:00.000Z").chosen[0].due_at is None


def test_a_rubric_is_read_line_by_line() -> None:
    rubric = read(rubric=" Clarity: of thought : 4 \n\nEvidence:6\n").chosen[0].options["rubric"]
    assert rubric == [{"title": "Clarity: of thought", "points": 4}, {"title": "Evidence", "points": 6}]


@pytest.mark.parametrize(
    "rubric", ["Clarity", ": 10", "Clarity: 0\nB: 10", "A: 5", "x" * 201 + ": 10", "\n".join(["A: 1"] * 31)]
)
def test_a_rubric_that_cannot_be_used(rubric: str) -> None:
    assert set(read(rubric=rubric).errors) == {"activity-rubric"}


def test_an_exam_has_points_but_no_rubric() -> None:
    fields = {"exam-title": "Midterm", "exam-points": "40", "exam-rubric": "A: 1"}
    assert read_choices(["exam"], fields, multiple=False).chosen[0].options == {}
