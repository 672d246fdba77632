"""The board of questions, one question of one work after the other, and where questions stand."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.gradebook.looks import is_seen
from lti_tool.grading.desk.models import Look
from lti_tool.grading.desk.preferences import prefer
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.questions.pages import pages_of_questions
from lti_tool.grading.reviewing import latest_review
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, Classroom, Mark


def form_of(teacher: Browser, path: str) -> dict[str, str]:
    """The hidden fields of the marking form there."""
    page = teacher.page(path)
    return {str(field["name"]): str(field["value"]) for field in page.select('#marking-form input[type="hidden"]')}


def test_a_question_is_marked_through_all_works_and_then_the_other_one(
    house: House, teacher: Browser, rubric: Rubric, classroom: Classroom
) -> None:
    works = classroom("one", "two")
    for criterion in rubric.criteria:
        path = f"grading/questions/{criterion.id}"
        for work, left in zip(works, (1, 0), strict=True):
            sent = {**form_of(teacher, f"{path}?work={work.id}"), f"points-{criterion.id}": "2"}
            answer = teacher.post(f"{path}/{work.id}", sent)
            assert answer.location.endswith(f"work={works[1].id}" if left else "/grading/questions")
    board = teacher.page("grading/questions").get_text()
    assert board.count("2 of 2 done") == 2 and board.count("4 / 10") == 2
    assert all(latest_review(house.session, work) for work in works)


def test_a_stale_form_brings_back_what_was_chosen_beside_what_stands_there_now(
    teacher: Browser, rubric: Rubric, classroom: Classroom
) -> None:
    (work,) = classroom("one")
    criterion = rubric.criteria[0]
    path = f"grading/questions/{criterion.id}"
    stale = form_of(teacher, path)
    teacher.post(f"{path}/{work.id}", {**stale, f"points-{criterion.id}": "2"})
    answer = teacher.post(f"{path}/{work.id}", {**stale, f"points-{criterion.id}": "3"})
    assert answer.status_code == 400 and "Somebody else has marked this question" in answer.text
    assert 'value="3"' in answer.text


def test_only_the_pages_of_the_question_are_shown_until_all_are_asked_for(
    teacher: Browser, rubric: Rubric, paper: Submission
) -> None:
    criterion = rubric.criteria[0]
    teacher.post("grading/questions/pages", {f"pages-{criterion.id}": "2-3"})
    path = f"grading/questions/{criterion.id}?work={paper.id}"
    shown = [str(sheet["id"]) for sheet in teacher.page(path).select(".work-sheet")]
    assert shown == ["page-1-2", "page-1-3"]
    assert len(teacher.page(f"{path}&all=yes").select(".work-sheet")) == 3
    teacher.post("grading/questions/pages", {f"pages-{criterion.id}": "9"})
    assert "has no page 9" in teacher.page(path).get_text()


def test_pages_are_remembered_when_the_rubric_is_saved_again(
    house: House, teacher: Browser, activity: Placement, rubric: Rubric
) -> None:
    first = rubric.criteria[0]
    teacher.post("grading/questions/pages", {f"pages-{first.id}": "3–4"})
    newer = Rubric(placement_id=activity.id, version=2, criteria=[])
    newer.criteria = [type(first)(position=1, title=first.title, points=first.points)]
    house.session.add(newer)
    house.session.flush()
    assert pages_of_questions(house.session, newer) == {newer.criteria[0].id: range(3, 5)}


@pytest.mark.parametrize("written", ["4-3", "x", "0", "1-2-3"])
def test_pages_that_cannot_be_are_refused(teacher: Browser, rubric: Rubric, written: str) -> None:
    answer = teacher.post("grading/questions/pages", {f"pages-{rubric.criteria[0].id}": written})
    assert answer.status_code == 400 and "as 3 or as 3-4" in answer.text


def test_without_a_rubric_the_page_says_what_is_missing(house: House, teacher: Browser, activity: Placement) -> None:
    activity.options = {}
    house.session.flush()
    assert "There is no rubric yet" in teacher.page("grading/questions").get_text()
    assert teacher.get("grading/questions/1").status_code == 404


def test_only_the_own_share_is_gone_through_where_that_was_asked_for(
    house: House, teacher: Browser, rubric: Rubric, classroom: Classroom
) -> None:
    classroom("one", "two")
    prefer(house.session, viewer_of(house, "teacher"), is_mine_only=True)
    assert "0 of 0 done" in teacher.page("grading/questions").get_text()


@pytest.mark.parametrize(("who", "status"), [("student", 403), ("outsider", 404)])
def test_nobody_else_marks_questions(
    enter: Enter, house: House, rubric: Rubric, classroom: Classroom, who: str, status: int
) -> None:
    (work,) = classroom("one")
    browser, criterion = enter(who, ACTIVITY), rubric.criteria[0]
    path = f"grading/questions/{criterion.id}"
    assert browser.get(f"{path}?work={work.id}").status_code == status
    assert browser.post(f"{path}/{work.id}", {f"points-{criterion.id}": "4"}).status_code == status
    assert latest_review(house.session, work) is None


def test_time_at_a_question_counts_as_time_at_the_work_though_nobody_saw_all_of_it(
    house: House, teacher: Browser, rubric: Rubric, classroom: Classroom, marked: Mark
) -> None:
    (work,) = classroom("one")
    grade = marked(work)
    page = teacher.page(f"grading/questions/{rubric.criteria[0].id}?work={work.id}")
    past = now() - timedelta(seconds=60)
    house.session.execute(update(Look).values(opened_at=past, credited_at=past))
    assert page.select_one('form[data-module="marking-time"]')
    teacher.post(f"grading/submissions/{work.id}/time", {"seconds": "40"})
    assert house.session.scalars(select(Look.seconds)).one() == 40
    assert not is_seen(house.session, grade)
