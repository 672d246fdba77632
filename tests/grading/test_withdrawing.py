"""Work that is taken back: nobody marks it, nobody finds it, and a grade that rests on it is said to."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.grading.desk.releasing import ready_to_approve
from lti_tool.grading.models import Submission, SubmissionFile, SubmissionState
from lti_tool.grading.queue import queue_rows
from lti_tool.grading.submissions import latest_submissions, own_attempts, submission_for
from lti_tool.grading.withdrawing import show_work, withdraw_work, withhold_work
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


@pytest.mark.parametrize(
    "change",
    [
        {"state": "draft"},
        {"state": "withdrawn", "text": "Another text"},
        {"state": "withdrawn", "attempt": 7},
        {"text": "Another text"},
    ],
)
def test_of_what_was_handed_in_nothing_changes_but_that_it_is_withdrawn(
    session: Session, handed_in: HandIn, change: dict[str, object]
) -> None:
    submission = handed_in()
    with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
        session.execute(update(Submission).where(Submission.id == submission.id).values(change))
    session.execute(update(Submission).where(Submission.id == submission.id).values(state="withdrawn"))


def test_what_was_withdrawn_stays_so_with_its_files(session: Session, activity: Placement, handed_in: HandIn) -> None:
    submission = handed_in(notes__txt=b"What I thought")
    for _again in range(2):
        withdraw_work(session, activity, submission)
    with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
        session.execute(update(Submission).where(Submission.id == submission.id).values(state="submitted"))
    with pytest.raises(DatabaseError, match="files of a submitted"), session.begin_nested():
        session.execute(update(SubmissionFile).values(number=2))


def test_withdrawn_work_is_found_by_nobody(
    session: Session, house: House, activity: Placement, handed_in: HandIn
) -> None:
    submission = handed_in()
    withdraw_work(session, activity, submission)
    assert latest_submissions(session, activity) == {}
    assert list(own_attempts(session, viewer_of(house, "student"))) == []
    for name in ("teacher", "student"):
        with pytest.raises(NotFound):
            submission_for(session, viewer_of(house, name), submission.id)


def test_what_is_withheld_is_staffs_to_mark_and_not_its_owners_to_see(
    session: Session, house: House, handed_in: HandIn
) -> None:
    submission, student = handed_in(), viewer_of(house, "student")
    withhold_work(session, submission)
    assert submission_for(session, viewer_of(house, "teacher"), submission.id) == submission
    with pytest.raises(NotFound):
        submission_for(session, student, submission.id)
    assert list(own_attempts(session, student)) == []
    show_work(session, submission)
    assert submission_for(session, student, submission.id) == submission


def test_a_marker_whose_work_goes_meanwhile_is_told_so(
    session: Session, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    submission = handed_in()
    withdraw_work(session, activity, submission)
    with pytest.raises(InvalidInput, match="taken back meanwhile"):
        marked(submission)


@pytest.mark.parametrize("approved", [False, True])
def test_a_grade_without_its_work_is_flagged_and_never_approved_with_others(
    session: Session, house: House, activity: Placement, handed_in: HandIn, marked: Mark, approved: bool
) -> None:
    submission, teacher = handed_in(), viewer_of(house, "teacher")
    marked(submission, approved=approved)
    withdraw_work(session, activity, submission)
    rows = queue_rows(session, teacher, activity)
    assert [row.person.id for row in rows if row.has_lost_work] == [house.student.id]
    assert ready_to_approve(session, activity, rows) == []


def test_the_right_work_comes_as_the_next_attempt(session: Session, activity: Placement, handed_in: HandIn) -> None:
    withdraw_work(session, activity, handed_in())
    assert handed_in("The right one").attempt == 2
    states = session.scalars(select(Submission.state).order_by(Submission.attempt)).all()
    assert states == [SubmissionState.WITHDRAWN, SubmissionState.SUBMITTED]
