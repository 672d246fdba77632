"""Which papers are graded blind."""

from uuid import UUID

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.agreement.gate import hidden_papers
from lti_tool.grading.agreement.models import DEFAULT_SIZE, SampleReason
from lti_tool.grading.agreement.sampling import choose, draw_sample
from lti_tool.grading.proposals.models import Purpose
from lti_tool.grading.rubrics.exemplars.keeping import Answer, approved_review_of, keep_work
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.agreement.conftest import Propose
from tests.grading.conftest import Classroom, Mark

LENGTHS = {UUID(int=number): number for number in range(100)}


def test_short_and_long_papers_are_drawn_alike() -> None:
    drawn = sorted(LENGTHS[name] for name, _ in choose(LENGTHS, 10, {}))
    assert [length // 10 for length in drawn] == list(range(10))


def test_half_is_spread_by_what_is_predicted() -> None:
    predicted = {name: float(-length) for name, length in LENGTHS.items()}
    reasons = [reason for _, reason in choose(LENGTHS, 20, predicted)]
    assert reasons.count(SampleReason.PREDICTED) == reasons.count(SampleReason.LENGTH) == 10


def test_of_fewer_papers_than_wanted_all_are_drawn_once() -> None:
    names = [name for name, _ in choose({UUID(int=1): 5, UUID(int=2): 5}, 20, {UUID(int=1): 1.0})]
    assert sorted(names) == [UUID(int=1), UUID(int=2)]


def test_drawing_again_adds_as_many_others(house: House, activity: Placement, classroom: Classroom) -> None:
    classroom(*(f"{'word ' * number}" for number in range(3 * DEFAULT_SIZE)))
    teacher = viewer_of(house, "teacher")
    first, second = (draw_sample(house.session, teacher, activity) for _ in range(2))
    assert len(first) == len(second) == DEFAULT_SIZE
    assert hidden_papers(house.session, activity) == {paper.submission_id for paper in [*first, *second]}


def test_what_had_a_draft_to_see_is_not_blind(
    house: House, activity: Placement, classroom: Classroom, proposed: Propose
) -> None:
    seen, unseen = classroom("one", "two")
    proposed(seen, purpose=Purpose.DRAFT)
    proposed(unseen)
    drawn = draw_sample(house.session, viewer_of(house, "teacher"), activity)
    assert [paper.submission_id for paper in drawn] == [unseen.id]


def test_where_nothing_is_left_to_draw_the_teacher_is_told(house: House, activity: Placement) -> None:
    with pytest.raises(InvalidInput, match="graded blind"):
        draw_sample(house.session, viewer_of(house, "teacher"), activity)


def test_only_who_manages_the_activity_draws(house: House, activity: Placement, classroom: Classroom) -> None:
    classroom("one")
    with pytest.raises(NotAllowed):
        draw_sample(house.session, viewer_of(house, "student"), activity)


def test_what_the_assistant_was_shown_as_an_example_is_no_examination(
    house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    shown, other = classroom("one", "two")
    marked(shown, approved=True)
    teacher = viewer_of(house, "teacher")
    review = approved_review_of(house.session, teacher, activity, shown.id)
    keep_work(house.session, teacher, activity, review, Answer(text="one"))
    assert [paper.submission_id for paper in draw_sample(house.session, teacher, activity)] == [other.id]
