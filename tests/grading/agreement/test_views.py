"""The page of an activity's agreement, as a teacher uses it."""

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.agreement.gate import drafting_state, gate_of
from lti_tool.grading.agreement.models import DEFAULT_SIZE
from lti_tool.grading.desk.models import Order
from lti_tool.grading.desk.preferences import prefer
from lti_tool.grading.desk.waiting import waiting_rows
from lti_tool.grading.models import Rubric
from lti_tool.grading.proposals.models import Purpose
from lti_tool.grading.second_opinion.forming import form_opinions
from lti_tool.grading.second_opinion.lessons import FEWEST, lesson_of
from lti_tool.grading.second_opinion.opinions import keep
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of
from tests.grading.agreement.conftest import Draw, Propose
from tests.grading.conftest import Classroom, Mark
from tests.grading.test_views import mark_form

PAGE = "/grading/agreement"


@pytest.fixture
def graded(activity: Placement, classroom: Classroom, marked: Mark, proposed: Propose, drawn: Draw) -> Placement:
    """Twenty graded blind, with proposals that are too kind."""
    works = classroom(*(f"answer {number} " + "light gives energy " * (number % 4) for number in range(DEFAULT_SIZE)))
    drawn(*works)
    for number, work in enumerate(works):
        proposed(work, clarity=min(4, number % 4 + 1), reasons=number % 6)
        marked(work, clarity=str(number % 4), reasons=str(number % 6), approved=True)
    return activity


@pytest.fixture
def compared(house: House, activity: Placement, graded: Placement, store: FileStore) -> Placement:
    """With a second opinion besides."""
    lesson = lesson_of(house.session, activity, store)
    keep(house.session, activity.id, lesson, form_opinions(lesson), now())
    return activity


def test_before_anything_is_graded_the_page_says_what_to_do(teacher: Browser) -> None:
    page = teacher.page(PAGE)
    assert "The assistant may not draft yet" in page.text
    assert "There is nothing to compare yet" in page.text
    assert page.find("button", string="Draw the blind sample")


def test_the_teacher_draws_a_sample_and_is_led_to_its_first_paper(teacher: Browser, classroom: Classroom) -> None:
    classroom(*(f"answer {number}" for number in range(DEFAULT_SIZE)))
    page = teacher.follow(teacher.post(f"{PAGE}/sample"))
    assert f"Papers drawn for the blind sample: {DEFAULT_SIZE}." in page.text
    link = page.find("a", string="Grade the next paper of the sample")
    assert link is not None and "/grading/submissions/" in link["href"]


def test_figures_confusion_and_links_to_the_disagreements_are_shown(teacher: Browser, compared: Placement) -> None:
    page = teacher.page(PAGE)
    assert "The assistant may draft" in page.text
    names = [row.find("th").text for row in page.select("#totals tbody tr")]
    assert names == [
        "Assistant, blind sample",
        "Assistant, all approved work",
        "Second opinion",
        "Number of words alone",
    ]
    assert len(page.select(".agreement-confusion tbody tr")) == 6
    assert "Clarity" in page.text


def test_one_criterion_and_another_judge_can_be_looked_at(teacher: Browser, graded: Placement, rubric: object) -> None:
    on = teacher.page(PAGE).select("#on option")[1]
    page = teacher.page(f"{PAGE}?judge=assistant&on={on['value']}")
    rows = page.select(".agreement-confusion tbody tr")
    assert [int(row.find_all("td")[place].text) for place, row in enumerate(rows)][:4] == [0, 0, 0, 0]
    assert page.select_one("#judge option[selected]")["value"] == "assistant"
    assert page.select("table a[href*='/grading/submissions/']")


def test_the_teacher_sets_a_higher_bar_and_drafts_go_off(teacher: Browser, house: House, graded: Placement) -> None:
    teacher.post(f"{PAGE}/gate", {"bar": "0.99", "sample_size": "20", "drift": "yes"})
    assert not drafting_state(house.session, graded).is_allowed
    assert "less with your grades than your bar demands" in teacher.page(PAGE).text


@pytest.mark.parametrize(
    ("field", "value"), [("bar", "two"), ("bar", "1.5"), ("bar", "NaN"), ("sample_size", "5"), ("sample_size", "x")]
)
def test_a_bar_or_a_size_that_makes_no_sense_is_refused(
    teacher: Browser, house: House, activity: Placement, field: str, value: str
) -> None:
    answer = teacher.post(f"{PAGE}/gate", {"bar": "0.5", "sample_size": "20"} | {field: value})
    assert answer.status_code == 400
    assert gate_of(house.session, activity).sample_size == DEFAULT_SIZE


def test_without_a_model_the_teacher_is_told_why_nothing_is_proposed(
    teacher: Browser, classroom: Classroom, drawn: Draw
) -> None:
    drawn(*classroom("one", "two"))
    assert teacher.post(f"{PAGE}/propose").status_code == 403
    assert "nothing is compared with your grades but the second opinion" in teacher.page(PAGE).text


def test_work_that_needs_a_person_most_is_named_with_the_reason(
    teacher: Browser, classroom: Classroom, proposed: Propose
) -> None:
    (work,) = classroom("one")
    proposed(work, confidence="0.2")
    page = teacher.page(PAGE)
    assert page.find("h2", string="Look at these first")
    assert page.select_one(f"a[href$='{work.id}'] + .badge").text == "The assistant is unsure"


def test_the_second_opinion_can_be_learnt_at_once(teacher: Browser) -> None:
    page = teacher.follow(teacher.post(f"{PAGE}/learn"))
    assert "The second opinion is learnt anew" in page.text


def test_students_see_nothing_of_it(student: Browser) -> None:
    assert student.get(PAGE).status_code == 403
    assert student.post(f"{PAGE}/sample").status_code == 403


def test_who_grades_the_sample_goes_on_in_it_and_ends_at_its_figures(
    teacher: Browser, classroom: Classroom, drawn: Draw, rubric: Rubric
) -> None:
    one, _outside, other = classroom("one", "two", "three")
    drawn(other, one)
    assert "belongs to the blind sample" in teacher.page(f"/grading/submissions/{other.id}").text
    following = teacher.post(
        f"/grading/submissions/{other.id}/review", mark_form(teacher, other, rubric, approve="yes")
    )
    assert following.headers["Location"].endswith(f"/grading/submissions/{one.id}")
    last = teacher.post(f"/grading/submissions/{one.id}/review", mark_form(teacher, one, rubric, approve="yes"))
    assert last.headers["Location"].endswith(PAGE)
    assert "belongs to the blind sample" not in teacher.page(f"/grading/submissions/{one.id}").text


def test_enough_grades_that_nothing_was_learnt_from_yet_are_counted(
    teacher: Browser, classroom: Classroom, marked: Mark
) -> None:
    works = classroom(*(f"answer {number}" for number in range(FEWEST)))
    for work in works[1:]:
        marked(work, approved=True)
    assert f"there are {FEWEST - 1}." in teacher.page(PAGE).text
    marked(works[0], approved=True)
    assert "There are enough approved grades now" in teacher.page(PAGE).text


def test_a_draft_steers_no_second_marker_by_badge_or_order(
    teacher: Browser, house: House, activity: Placement, classroom: Classroom, proposed: Propose
) -> None:
    _sure, unsure = classroom("one", "two")
    proposed(unsure, confidence="0.2", purpose=Purpose.DRAFT)
    prefer(house.session, viewer_of(house, "teacher"), queue_order=Order.PRIORITY)
    assert "The assistant is unsure" in teacher.page("grading").get_text()
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    house.session.flush()
    rows = waiting_rows(house.session, viewer_of(house, "teacher"), activity)
    assert "The assistant is unsure" not in teacher.page("grading").get_text()
    assert [row.priority for row in rows] == [None] * len(rows)


def test_one_of_two_markers_goes_on_in_the_sample_too(
    teacher: Browser, house: House, activity: Placement, classroom: Classroom, drawn: Draw, rubric: Rubric
) -> None:
    one, _outside, other = classroom("one", "two", "three")
    drawn(other, one)
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    house.session.flush()
    following = teacher.post(f"/grading/submissions/{other.id}/review", mark_form(teacher, other, rubric))
    assert following.headers["Location"].endswith(f"/grading/submissions/{one.id}")
