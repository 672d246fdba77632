"""Regrade requests: one open at a time, answered once, by somebody else."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.models import Grade
from lti_tool.grading.models import RegradeRequest, RegradeState
from lti_tool.grading.regrades import answer_regrade, ask_regrade, own_regrades, regrade_for
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


@pytest.fixture
def grade(handed_in: HandIn, marked: Mark) -> Grade:
    return marked(handed_in(), approved=True)


@pytest.fixture
def asked(house: House, activity: Placement, grade: Grade) -> RegradeRequest:
    return ask_regrade(house.session, viewer_of(house, "student"), activity, "Please look at page 2")


def test_a_second_click_opens_no_second_request(house: House, activity: Placement, asked: RegradeRequest) -> None:
    assert ask_regrade(house.session, viewer_of(house, "student"), activity, "Again").id == asked.id


def test_without_an_approved_grade_nothing_is_asked(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in())
    with pytest.raises(NotAllowed):
        ask_regrade(house.session, viewer_of(house, "student"), activity, "Please")


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001, "\0"])
def test_a_request_needs_a_usable_reason(house: House, activity: Placement, grade: Grade, reason: str) -> None:
    with pytest.raises(InvalidInput):
        ask_regrade(house.session, viewer_of(house, "student"), activity, reason)


def test_an_answer_closes_it_and_another_can_be_asked(house: House, activity: Placement, asked: RegradeRequest) -> None:
    answer_regrade(house.session, viewer_of(house, "teacher"), asked, "I looked: it stays.")
    assert asked.state == RegradeState.ANSWERED
    student = viewer_of(house, "student")
    ask_regrade(house.session, student, activity, "And page 3?")
    assert len(own_regrades(house.session, student, activity)) == 2


def test_an_answer_is_given_once(house: House, asked: RegradeRequest) -> None:
    teacher = viewer_of(house, "teacher")
    answer_regrade(house.session, teacher, asked, "No.")
    with pytest.raises(InvalidInput, match="regrade_answered"):
        answer_regrade(house.session, teacher, asked, "Yes.")


def test_nobody_answers_themselves(house: House, asked: RegradeRequest) -> None:
    with pytest.raises(NotAllowed):
        answer_regrade(house.session, replace(viewer_of(house, "teacher"), person_id=house.student.id), asked, "Yes.")


@pytest.mark.parametrize(("name", "error"), [("student", NotAllowed), ("outsider", NotFound)])
def test_only_who_grades_the_activity_finds_it(
    house: House, asked: RegradeRequest, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        regrade_for(house.session, viewer_of(house, name), asked.id)


def test_an_unknown_request_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        regrade_for(house.session, viewer_of(house, "teacher"), uuid4())


def test_the_table_keeps_one_open_at_a_time(house: House, asked: RegradeRequest) -> None:
    second = RegradeRequest(
        placement_id=asked.placement_id, person_id=asked.person_id, approval_id=asked.approval_id, reason="Again"
    )
    house.session.add(second)
    with pytest.raises(IntegrityError, match="uq_regrade_request_open"):
        house.session.flush()


def test_the_table_refuses_to_change_an_answer(house: House, asked: RegradeRequest) -> None:
    answer_regrade(house.session, viewer_of(house, "teacher"), asked, "No.")
    with pytest.raises(DBAPIError, match="is never changed"):
        house.session.execute(text("UPDATE regrade_request SET reply = 'Yes.'"))
