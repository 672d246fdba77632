"""The pages of a course's Moodle assignments: who sees them, what they say, and the way to the desk."""

from uuid import UUID

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import BoundLaunch, PlacementKind
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.moodle.functions import SAVE_GRADE
from lti_tool.moodle.tokens import forget_token
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import FakeAssignment
from tests.fixtures.people import Browser, Enter, House
from tests.grading.assignments.conftest import Choose, Essay

DASHBOARD = PlacementKind.DASHBOARD


@pytest.fixture
def teacher(enter: Enter, in_moodle: House) -> Browser:
    return enter("teacher", DASHBOARD)


def test_a_teacher_chooses_an_assignment_and_finds_it_on_the_list(teacher: Browser, listed: FakeAssignment) -> None:
    offered = teacher.page("assignments/choose")
    assert "Essay 501" in offered.text
    chosen = teacher.follow(teacher.post("assignments/choose", {"assignment": "501"}))
    assert "“Essay 501” is marked here now." in chosen.text
    assert "Marked here" in teacher.page("assignments/choose").text


def test_what_cannot_be_marked_has_a_reason_and_no_button(teacher: Browser, services: FakeMoodle) -> None:
    services.assign(name="On a scale", grade=-3)
    page = teacher.page("assignments/choose")
    assert "It is graded on a scale." in page.text and page.select("[name=assignment]") == []
    refused = teacher.post("assignments/choose", {"assignment": "501"})
    assert refused.status_code == 400 and "It is graded on a scale." in refused.text


@pytest.mark.parametrize("number", ["", "x", "9" * 30])
def test_a_choice_that_is_none_is_refused(teacher: Browser, number: str) -> None:
    assert teacher.post("assignments/choose", {"assignment": number}).status_code == 400


def test_a_token_that_lacks_functions_is_told_which(teacher: Browser, services: FakeMoodle) -> None:
    services.functions.remove(SAVE_GRADE)
    services.may_download = False
    text = teacher.page("assignments/choose").select_one(".alert-danger").text
    assert SAVE_GRADE in text and "may not download files" in text


def test_without_a_token_the_page_says_where_one_is_entered(teacher: Browser, in_moodle: House) -> None:
    forget_token(in_moodle.session, platform_id=in_moodle.platform.id, course_id=in_moodle.course.id)
    page = teacher.page("assignments")
    assert "There is no token" in page.text and page.select("a[href$='material/moodle']")
    assert "There is no token" in teacher.page("assignments/choose").text


def test_elsewhere_than_in_moodle_there_is_nothing_to_choose(enter: Enter, house: House) -> None:
    house.platform.product_family = "canvas"
    assert "This course is not in Moodle" in enter("teacher", DASHBOARD).page("assignments").text


def test_the_desk_opens_in_a_launch_of_its_own(teacher: Browser, essay: Essay) -> None:
    place = f"assignments/{essay.assignment.placement_id}/open"
    queue = teacher.follow(teacher.post(place))
    assert queue.h1.text.strip() == "Essay 501" and essay.student.display_name in queue.text
    before = essay.session.scalars(select(BoundLaunch.id)).all()
    teacher.post(place)
    assert essay.session.scalars(select(BoundLaunch.id)).all() == before


def test_the_desk_says_where_the_work_lies_and_what_was_left_out(essay: Essay, user: int, teacher: Browser) -> None:
    film = essay.moodle.file("1/film.mp4", b"\x00\x01\x02")
    essay.listed.hand_in(user, files=[film], changed_at=now().timestamp().__int__())
    essay.fetch()
    opened = teacher.post(f"assignments/{essay.assignment.placement_id}/open")
    page = teacher.follow(opened)
    work = page.select_one("tbody a[href*='submissions']")["href"]
    text = teacher.client.get(work, base_url="http://127.0.0.1:8000").text
    assert "Open the assignment in Moodle" in text and "film.mp4" in text


def test_an_assistant_may_mark_but_not_choose(enter: Enter, essay: Essay) -> None:
    assistant = enter("non_editing_teacher", DASHBOARD)
    page = assistant.page("assignments")
    assert "Choose an assignment" not in page.text
    assert assistant.get("assignments/choose").status_code == 403
    assert assistant.post(f"assignments/{essay.assignment.placement_id}/open").status_code == 303


def test_a_student_sees_nothing_of_it(enter: Enter, essay: Essay) -> None:
    student = enter("student", DASHBOARD)
    for path in ("assignments", "assignments/choose"):
        assert student.get(path).status_code == 403
    assert student.post(f"assignments/{essay.assignment.placement_id}/open").status_code == 403


@pytest.mark.parametrize("action", ["open", "fetch", "handling"])
def test_a_teacher_of_another_course_finds_nothing(enter: Enter, essay: Essay, action: str) -> None:
    outsider = enter("outsider", DASHBOARD)
    assert outsider.post(f"assignments/{essay.assignment.placement_id}/{action}").status_code == 404
    assert "Essay 501" not in outsider.page("assignments").text


def test_fetching_and_release_are_the_teachers_to_change(teacher: Browser, essay: Essay) -> None:
    place = f"assignments/{essay.assignment.placement_id}"
    assert "Moodle is being asked" in teacher.follow(teacher.post(f"{place}/fetch")).text
    page = teacher.follow(teacher.post(f"{place}/handling", {"workflow_state": "released"}))
    assert "New work is not fetched any more." in page.text
    kept = essay.session.scalars(select(MoodleAssignment)).one()
    assert (kept.workflow_state, kept.is_polled) == ("released", False)


def test_what_moodle_said_last_stands_on_the_list(teacher: Browser, essay: Essay) -> None:
    essay.moodle.assignments_here.clear()
    essay.fetch()
    assert "no such assignment" in teacher.page("assignments").select_one(".alert-danger").text


def test_a_failed_grade_says_which_function_is_missing(teacher: Browser, essay: Essay) -> None:
    essay.approve("30")
    essay.moodle.refusals[SAVE_GRADE] = "accessexception"
    assert essay.send().status == PushStatus.FAILED
    page = teacher.page(f"grades/?placement={essay.assignment.placement_id}")
    assert f"lacks {SAVE_GRADE}" in page.text
    del essay.moodle.refusals[SAVE_GRADE]
    tested = teacher.post("grades/test", {"placement": str(essay.assignment.placement_id)})
    assert "The connection works" in teacher.follow(tested).text
    essay.moodle.functions.remove(SAVE_GRADE)
    tested = teacher.post("grades/test", {"placement": str(essay.assignment.placement_id)})
    assert f"lacks {SAVE_GRADE}" in teacher.follow(tested).text
    assert essay.session.scalars(select(Push)).one().status == PushStatus.FAILED


def test_of_two_assignments_each_opens_its_own_desk(teacher: Browser, chosen: Choose, services: FakeMoodle) -> None:
    for name in ("Ice", "Steam"):
        assignment = chosen(services.assign(name=name)).assignment
        opened = teacher.follow(teacher.post(f"assignments/{assignment.placement_id}/open"))
        assert opened.h1.text.strip() == name


def test_blind_work_is_nameless_on_every_page_also_after_its_grade_went(
    teacher: Browser, chosen: Choose, services: FakeMoodle, user: int, house: House
) -> None:
    listed = services.assign(blindmarking=1)
    listed.hand_in(user)
    essay = chosen(listed)
    essay.fetch()
    essay.approve("30")
    assert essay.send().status == PushStatus.SUCCEEDED
    opened = teacher.post(f"assignments/{essay.assignment.placement_id}/open")
    inside = Browser(teacher.app, house, UUID(opened.location.split("/")[2]), teacher.browser_id)
    pages = ("grading", f"grading/submissions/{essay.works()[0].id}", "grades/", "grades/export.csv")
    placement = {"placement": str(essay.assignment.placement_id)}
    texts = [inside.get(path, query_string=placement).text for path in pages]
    student = house.student
    told = {word for text in texts for word in (student.name, student.email, student.idnumber) if word in text}
    assert told == set() and all("Essay" in text or "," in text for text in texts)


def test_why_the_latest_reading_failed_is_told_with_its_words(teacher: Browser, essay: Essay) -> None:
    refusal = InvalidInput("file_empty", "“%(name)s” is empty.", {"name": "essay.pdf"})
    essay.assignment.reason = refusal.sentence
    essay.session.flush()
    assert "“essay.pdf” is empty." in teacher.page("assignments").select_one(".alert-danger").text
