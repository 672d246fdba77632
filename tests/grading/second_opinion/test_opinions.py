"""From approved grades to kept opinions, by the job."""

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Rubric
from lti_tool.grading.second_opinion.forming import form_opinions
from lti_tool.grading.second_opinion.lessons import lesson_of
from lti_tool.grading.second_opinion.opinions import find_training, keep, opinions
from tests.fixtures.people import House
from tests.grading.conftest import Classroom, Mark


def text_of(number: int) -> str:
    return f"answer {number} " + "because light gives energy " * (number % 3)


@pytest.fixture
def taught(house: House, activity: Placement, classroom: Classroom, marked: Mark, store: FileStore) -> Placement:
    """Fourteen handed in, twelve of them approved."""
    works = classroom(*(text_of(number) for number in range(14)))
    for number, work in enumerate(works[:12]):
        marked(work, clarity=str(number % 3), reasons=str(number % 3 * 2), approved=True)
    lesson = lesson_of(house.session, activity, store)
    keep(house.session, activity.id, lesson, form_opinions(lesson), now())
    return activity


def test_every_submission_has_an_opinion_with_bounds_and_criteria(
    house: House, taught: Placement, rubric: Rubric
) -> None:
    found = opinions(house.session, taught)
    assert len(found) == 14
    for opinion in found.values():
        assert 0 <= opinion.low <= opinion.points <= opinion.high <= 10
        assert {said.criterion_id for said in opinion.criteria} == {criterion.id for criterion in rubric.criteria}


def test_learning_again_replaces_what_was_said(house: House, taught: Placement, store: FileStore) -> None:
    lesson = lesson_of(house.session, taught, store)
    keep(house.session, taught.id, lesson, form_opinions(lesson), now())
    training = find_training(house.session, taught)
    assert training is not None and training.papers == 12
    assert len(opinions(house.session, taught)) == 14


def test_from_a_handful_of_grades_nothing_is_learnt(
    house: House, activity: Placement, classroom: Classroom, marked: Mark, store: FileStore
) -> None:
    for work in classroom(*(text_of(number) for number in range(9))):
        marked(work, approved=True)
    assert form_opinions(lesson_of(house.session, activity, store)) == []


def test_only_what_a_person_approved_is_learnt_from(
    house: House, activity: Placement, classroom: Classroom, marked: Mark, store: FileStore
) -> None:
    first, second = classroom("one", "two")
    marked(first, approved=True)
    marked(second)
    assert lesson_of(house.session, activity, store).graded == 1
