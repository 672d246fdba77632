"""Graded answers beside the rubric."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Rubric
from lti_tool.grading.rubrics.exemplars.fitting import exemplars_of, outgrown
from lti_tool.grading.rubrics.exemplars.keeping import (
    Answer,
    Choice,
    approved_reviews,
    keep_typed,
    remove_exemplar,
    without_names,
)
from lti_tool.grading.rubrics.exemplars.models import Exemplar
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.versions import save_rubric
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark

Keep = Callable[..., Exemplar]


@pytest.fixture
def kept(house: House, activity: Placement, rubric: Rubric) -> Keep:
    """kept(text="An answer", place=0, level=-1, by="teacher") shows that level of that criterion."""

    def made(text: str = "An answer", place: int = 0, level: int = -1, by: str = "teacher") -> Exemplar:
        criterion = rubric.criteria[place]
        choices = {criterion.id: Choice(level_id=criterion.levels[level].id)}
        return keep_typed(house.session, viewer_of(house, by), activity, rubric, Answer(text=text), choices)

    return made


def test_a_typed_answer_shows_a_level(house: House, rubric: Rubric, kept: Keep) -> None:
    kept()
    (exemplar,) = exemplars_of(house.session, rubric)
    (tick,) = exemplar.ticks
    assert (exemplar.text, tick.criterion, tick.level, tick.points) == (
        "An answer",
        rubric.criteria[0],
        rubric.criteria[0].levels[-1],
        4,
    )


def test_it_goes_along_to_the_next_version_as_far_as_it_fits(
    house: House, activity: Placement, rubric: Rubric, kept: Keep
) -> None:
    kept("stays", place=0)
    kept("goes", place=1)
    newer = save_rubric(house.session, viewer_of(house, "teacher"), activity, read_lines("Clarity: 4\nStyle: 6"))
    fitting = exemplars_of(house.session, newer)
    assert [exemplar.text for exemplar in fitting] == ["stays"]
    assert fitting[0].ticks[0].level in newer.criteria[0].levels
    assert [exemplar.text for exemplar in outgrown(house.session, activity, fitting)] == ["goes"]


def test_it_needs_a_text_and_a_level(house: House, activity: Placement, rubric: Rubric, kept: Keep) -> None:
    with pytest.raises(InvalidInput, match="needs a text"):
        kept(" ")
    with pytest.raises(InvalidInput, match="which level"):
        keep_typed(house.session, viewer_of(house, "teacher"), activity, rubric, Answer(text="x"), {})
    foreign = {rubric.criteria[0].id: Choice(level_id=rubric.criteria[1].levels[0].id)}
    with pytest.raises(InvalidInput, match="does not fit"):
        keep_typed(house.session, viewer_of(house, "teacher"), activity, rubric, Answer(text="x"), foreign)


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_who_manages_the_course_keeps_one(kept: Keep, name: str) -> None:
    with pytest.raises(NotAllowed):
        kept(by=name)


def test_approved_work_alone_can_be_copied(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in(by="other_student"))
    made = handed_in()
    marked(made, approved=True)
    (review,) = approved_reviews(house.session, viewer_of(house, "teacher"), activity)
    assert review.submission_id == made.id


def test_the_copy_names_nobody(house: House, store: FileStore, handed_in: HandIn) -> None:
    made = handed_in("I, Student Canary, think so.", note__txt=b"by Teacher Canary")
    text = without_names(house.session, store, viewer_of(house, "teacher"), made)
    assert "Canary" not in text and "think so" in text and "[person]" in text


def test_a_teacher_copies_work_and_removes_it_again(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn, marked: Mark
) -> None:
    made = handed_in("Student Canary wrote this.")
    marked(made, approved=True)
    assert teacher.page("grading/exemplars").find("a", href=lambda link: link and str(made.id) in link)
    page = teacher.page(f"grading/exemplars/from/{made.id}")
    assert "Canary" not in page.select_one("#text").text  # type: ignore[union-attr]
    teacher.follow(teacher.post(f"grading/exemplars/from/{made.id}", {"text": "Somebody wrote this.", "note": "Good"}))
    (exemplar,) = exemplars_of(house.session, rubric)
    assert [int(tick.points) for tick in exemplar.ticks] == [3, 5]
    assert teacher.get(f"grading/exemplars/from/{made.id}").status_code == 404
    teacher.follow(teacher.post(f"grading/exemplars/{exemplar.id}/remove", {}))
    assert exemplars_of(house.session, rubric) == []


def test_a_teacher_types_one(teacher: Browser, house: House, rubric: Rubric) -> None:
    criterion = rubric.criteria[0]
    sent = {"text": "A clear answer", f"level-{criterion.id}": str(criterion.levels[-1].id)}
    assert "A clear answer" in teacher.follow(teacher.post("grading/exemplars", sent)).get_text()
    response = teacher.post("grading/exemplars", {"text": "Kept as typed"})
    assert response.status_code == 400 and "Kept as typed</textarea>" in response.text


def test_points_show_what_an_answer_to_a_marking_guide_is_worth(
    teacher: Browser, house: House, activity: Placement
) -> None:
    activity.options = {"rubric": {"kind": "guide", "criteria": [{"title": "Reasons", "points": 10}]}}
    house.session.flush()
    assert "(0 to 10)" in teacher.page("grading/exemplars").get_text()
    (criterion,) = house.session.scalars(select(Rubric)).one().criteria
    too_many = teacher.post("grading/exemplars", {"text": "x", f"points-{criterion.id}": "11"})
    assert "at most 10 points" in too_many.text
    page = teacher.follow(teacher.post("grading/exemplars", {"text": "x", f"points-{criterion.id}": "7,5"}))
    assert "7.5 / 10" in page.get_text()


def test_another_activitys_exemplar_is_not_removed(house: House, activity: Placement, kept: Keep) -> None:
    exemplar = kept()
    other = Placement(course_id=activity.course_id, kind=activity.kind, title="Other", points=1)
    house.session.add(other)
    house.session.flush()
    with pytest.raises(NotFound):
        remove_exemplar(house.session, viewer_of(house, "teacher"), other, exemplar.id)


def test_without_a_rubric_there_is_no_page(teacher: Browser, house: House, activity: Placement) -> None:
    activity.options = {}
    house.session.flush()
    assert teacher.get("grading/exemplars").status_code == 404
