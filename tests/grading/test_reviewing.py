"""Marking: ticks become a draft grade, with everything that is to be approved in its comment."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import Placement
from lti_tool.activity.models import Event, EventKind
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.marking_form import Marking, TickInput, read_marking
from lti_tool.grading.models import Review, Rubric
from lti_tool.grading.reviewing import latest_review, save_review
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


def filled(rubric: Rubric, **changes: object) -> Marking:
    """The best level of each criterion."""
    ticks = {criterion.id: TickInput(level_id=criterion.levels[-1].id) for criterion in rubric.criteria}
    return replace(Marking(rubric_id=rubric.id, seen=0, ticks=ticks), **changes)  # type: ignore[arg-type]


def test_the_form_is_read() -> None:
    fields = {"level-3": "7", "points-3": "2,5", "comment-3": " well \n seen ", "feedback": "Good\r\n", "rubric": "1"}
    marking = read_marking(fields | {"seen": "4", "points": "", "csrf_token": "x"})
    assert marking.ticks == {3: TickInput(level_id=7, points=Decimal("2.5"), comment="well seen")}
    assert (marking.rubric_id, marking.seen, marking.points, marking.feedback) == (1, 4, None, "Good")


@pytest.mark.parametrize("points", ["-1", "NaN", "1e3", "1.2345", "four", "٤"])
def test_odd_points_are_refused(points: str) -> None:
    with pytest.raises(InvalidInput, match="points_refused"):
        read_marking({"points": points})


def test_levels_add_up_to_a_draft_grade(house: House, activity: Placement, rubric: Rubric, handed_in: HandIn) -> None:
    grade = save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), filled(rubric))
    assert (grade.points, grade.version) == (Decimal(10), 1)


def test_points_by_hand_come_before_the_level(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn
) -> None:
    marking = filled(rubric)
    marking.ticks[rubric.criteria[0].id].points = Decimal("0.5")
    grade = save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), marking)
    assert grade.points == Decimal("6.5")


def test_the_comment_holds_every_tick_and_the_feedback(handed_in: HandIn, marked: Mark) -> None:
    assert marked(handed_in()).comment == "Clarity: 3 / 4\nReasons: 5 / 6\n\nGood"


def test_a_changed_tick_with_the_same_sum_is_a_new_version(handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    marked(submission, approved=True)
    assert marked(submission, clarity="4", reasons="4").version == 2


def test_saving_the_same_again_changes_nothing(house: House, handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    assert marked(submission).version == marked(submission).version == 1
    assert len(house.session.scalars(select(Review)).all()) == 1


def test_it_is_in_the_activity_and_in_the_audit(house: House, handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    marked(submission)
    marked(submission, feedback="Better")
    kinds = house.session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == [EventKind.SUBMITTED, EventKind.GRADED, EventKind.GRADED]
    actions = house.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("grade.")] == ["grade.drafted", "grade.edited"]


def test_without_a_rubric_points_are_given(house: House, activity: Placement, handed_in: HandIn) -> None:
    activity.options = {}
    marking = Marking(rubric_id=None, seen=0, points=Decimal("7.5"), feedback="Good")
    grade = save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), marking)
    assert (grade.points, grade.comment) == (Decimal("7.5"), "Good")


def test_without_a_rubric_points_are_needed(house: House, activity: Placement, handed_in: HandIn) -> None:
    activity.options = {}
    with pytest.raises(InvalidInput, match="points_missing"):
        save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), Marking(rubric_id=None, seen=0))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ticks": {}}, "criterion_open"),
        ({"ticks": {0: TickInput(points=Decimal(1))}}, "criterion_unknown"),
        ({"rubric_id": None}, "rubric_changed"),
        ({"seen": 1}, "review_changed"),
        ({"feedback": "x" * 40_001}, "comment_unusable"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, changes: dict[str, object], code: str
) -> None:
    marking = filled(rubric, **changes)
    with pytest.raises(InvalidInput, match=code):
        save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), marking)


@pytest.mark.parametrize(
    ("tick", "code"),
    [
        (TickInput(points=Decimal("4.1")), "points_out_of_range"),
        (TickInput(level_id=0), "level_unknown"),
        (TickInput(points=Decimal(1), comment="x" * 501), "remark_unusable"),
    ],
)
def test_a_tick_that_does_not_fit_is_refused(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, tick: TickInput, code: str
) -> None:
    marking = filled(rubric)
    marking = replace(marking, ticks=dict(marking.ticks) | {rubric.criteria[0].id: tick})
    with pytest.raises(InvalidInput, match=code):
        save_review(house.session, viewer_of(house, "teacher"), activity, handed_in(), marking)


def test_an_attempt_that_was_replaced_is_not_marked(handed_in: HandIn, marked: Mark) -> None:
    first = handed_in()
    handed_in()
    with pytest.raises(InvalidInput, match="submission_outdated"):
        marked(first)


def test_a_student_marks_nothing(handed_in: HandIn, marked: Mark) -> None:
    with pytest.raises(NotAllowed):
        marked(handed_in(), by="other_student")


def test_nobody_marks_their_own_work(house: House, activity: Placement, rubric: Rubric, handed_in: HandIn) -> None:
    promoted = replace(viewer_of(house, "teacher"), person_id=house.student.id)
    with pytest.raises(NotAllowed, match="own_grade"):
        save_review(house.session, promoted, activity, handed_in(), filled(rubric))


@pytest.mark.parametrize("change", ["UPDATE review SET points = 0", "UPDATE tick SET points = 0"])
def test_the_table_refuses_to_change_a_decision(house: House, handed_in: HandIn, marked: Mark, change: str) -> None:
    marked(handed_in())
    with pytest.raises(DBAPIError, match="is never changed"):
        house.session.execute(text(change))


def test_a_decision_names_its_marker_and_version(house: House, handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    marked(submission)
    marked(submission, feedback="Better", by="non_editing_teacher")
    review = latest_review(house.session, submission)
    assert review is not None
    assert (review.version, review.marker_id) == (2, house.people["non_editing_teacher"].id)
