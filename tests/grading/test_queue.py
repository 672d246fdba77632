"""The marking queue: whose turn it is."""

import pytest
from sqlalchemy import update

from lti_tool.accounts.models import Membership, Placement
from lti_tool.errors import NotAllowed
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.grading.queue import QueueRow, WorkState, next_in_queue, queue_rows
from lti_tool.grading.regrades import ask_regrade
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


def rows(house: House, activity: Placement) -> list[QueueRow]:
    return queue_rows(house.session, viewer_of(house, "teacher"), activity)


def state(house: House, activity: Placement) -> WorkState:
    return next(row.state for row in rows(house, activity) if row.person.id == house.student.id)


def test_every_student_has_a_row_and_staff_have_none(house: House, activity: Placement) -> None:
    found = {row.person.id: row.state for row in rows(house, activity)}
    assert found == {house.people[name].id: WorkState.NONE for name in ("student", "other_student")}


def test_work_goes_through_the_states(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    assert state(house, activity) is WorkState.TO_MARK
    marked(submission)
    assert state(house, activity) is WorkState.TO_APPROVE
    marked(submission, approved=True)
    assert state(house, activity) is WorkState.WAITING


def test_a_new_attempt_is_to_be_marked_again(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in())
    handed_in()
    assert state(house, activity) is WorkState.TO_MARK


def test_a_failed_push_shows(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in(), approved=True)
    house.session.execute(update(Push).values(status=PushStatus.FAILED))
    assert state(house, activity) is WorkState.FAILED


def test_who_left_the_course_is_still_marked(house: House, activity: Placement, handed_in: HandIn) -> None:
    handed_in()
    left = update(Membership).where(Membership.person_id == house.student.id).values(status="inactive")
    house.session.execute(left)
    assert state(house, activity) is WorkState.TO_MARK


def test_the_next_is_the_next_that_needs_somebody(house: House, activity: Placement, handed_in: HandIn) -> None:
    own, others = handed_in(), handed_in(by="other_student")
    found = rows(house, activity)
    assert next_in_queue(found, house.student.id) == others
    assert next_in_queue(found, others.person_id) == own


def test_nothing_is_next_when_all_is_approved(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    assert next_in_queue(rows(house, activity), 0) is None


def test_an_open_regrade_needs_somebody(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    submission = handed_in()
    marked(submission, approved=True)
    ask_regrade(house.session, viewer_of(house, "student"), activity, "Please")
    assert next_in_queue(rows(house, activity), 0) == submission


def test_a_student_has_no_queue(house: House, activity: Placement) -> None:
    with pytest.raises(NotAllowed):
        queue_rows(house.session, viewer_of(house, "student"), activity)
