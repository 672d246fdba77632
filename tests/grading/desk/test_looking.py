"""Time at a submission: what a browser says is bounded, and a course sees medians of marked work alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.db import now
from lti_tool.grading.desk.looking import LONGEST_STRETCH, add_seconds, course_time, open_work
from lti_tool.grading.desk.models import Look
from lti_tool.grading.models import Submission
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


def opened(house: House, work: Submission, *, ago: int, had_draft: bool = False) -> None:
    open_work(house.session, viewer_of(house, "teacher"), work, had_draft=had_draft)
    past = now() - timedelta(seconds=ago)
    house.session.execute(update(Look).where(Look.submission_id == work.id).values(opened_at=past, credited_at=past))
    house.session.expire_all()


@pytest.mark.parametrize(
    ("ago", "said", "believed"), [(60, 20, 20), (10, 999, 10), (9999, 9999, LONGEST_STRETCH), (60, -5, 0)]
)
def test_nobody_works_longer_than_time_has_passed(
    house: House, handed_in: HandIn, ago: int, said: int, believed: int
) -> None:
    work, teacher, begun = handed_in(), viewer_of(house, "teacher"), now()
    opened(house, work, ago=ago)
    added = add_seconds(house.session, teacher, work, said)
    assert believed <= added <= believed + (now() - begun).total_seconds()


def test_two_windows_do_not_count_the_same_time_twice(house: House, handed_in: HandIn) -> None:
    one, other = handed_in(), handed_in(by="other_student")
    for work in (one, other):
        opened(house, work, ago=60)
    teacher, begun = viewer_of(house, "teacher"), now()
    assert add_seconds(house.session, teacher, one, 40) == 40
    assert add_seconds(house.session, teacher, other, 40) <= (now() - begun).total_seconds()


def test_what_is_told_when_the_next_work_is_open_already_still_counts(house: House, handed_in: HandIn) -> None:
    one, other = handed_in(), handed_in(by="other_student")
    opened(house, one, ago=60)
    opened(house, other, ago=0)
    assert add_seconds(house.session, viewer_of(house, "teacher"), one, 40) == 40


def test_opening_again_does_not_free_time_that_was_counted(house: House, handed_in: HandIn) -> None:
    one, other = handed_in(), handed_in(by="other_student")
    for work in (one, other):
        opened(house, work, ago=60)
    teacher, begun = viewer_of(house, "teacher"), now()
    assert add_seconds(house.session, teacher, one, 40) == 40
    open_work(house.session, teacher, one)
    assert add_seconds(house.session, teacher, other, 40) <= (now() - begun).total_seconds()


def test_work_that_was_not_opened_takes_no_time(house: House, handed_in: HandIn) -> None:
    assert add_seconds(house.session, viewer_of(house, "teacher"), handed_in(), 40) == 0


def test_a_course_sees_its_medians_without_and_with_drafts(house: House, handed_in: HandIn, marked: Mark) -> None:
    for name, seconds, had_draft in (("student", 90, False), ("other_student", 30, True)):
        work = handed_in(by=name)
        opened(house, work, ago=0, had_draft=had_draft)
        house.session.execute(update(Look).where(Look.submission_id == work.id).values(seconds=seconds))
        marked(work)
    (whole, before, after), _activity = course_time(house.session, viewer_of(house, "teacher"))
    assert (
        whole is None
        and (before.median, before.submissions) == (90, 1)
        and (after.median, after.submissions) == (30, 1)
    )


def test_work_that_nobody_marked_is_not_counted(house: House, handed_in: HandIn) -> None:
    work = handed_in()
    opened(house, work, ago=0)
    house.session.execute(update(Look).values(seconds=50))
    ((_, before, _after),) = course_time(house.session, viewer_of(house, "teacher"))
    assert before.submissions == 0 and before.median is None


def test_the_page_tells_its_seconds_and_staff_see_the_median(
    teacher: Browser, student: Browser, house: House, handed_in: HandIn
) -> None:
    work = handed_in()
    teacher.page(f"grading/submissions/{work.id}")
    assert teacher.post(f"grading/submissions/{work.id}/time", {"seconds": "x"}).status_code == 204
    assert house.session.scalars(select(Look.seconds)).one() == 0
    assert "How long marking takes" in teacher.page("grading/time").get_text()
    assert (
        student.get("grading/time").status_code
        == student.post(f"grading/submissions/{work.id}/time", {}).status_code
        == 403
    )
