"""Who has not confirmed is asked again; after the deadline staff may accept, and it is recorded as that."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.deadlines import accept_on_behalf, read_moment, remind, reminders_of, set_deadline
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.receipts import check_receipt
from lti_tool.scans.states import PaperState
from lti_tool.scans.words import receipt_text
from tests.fixtures.people import Enter
from tests.scans.conftest import EXAM, PaperOf


@pytest.fixture
def over(session: Session, teacher: Viewer) -> None:
    set_deadline(session, teacher, now() - timedelta(minutes=1))


def test_a_paper_is_accepted_only_after_the_deadline(
    session: Session, released: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    for moment in (None, now() + timedelta(hours=1)):
        set_deadline(session, teacher, moment)
        with pytest.raises(InvalidInput, match="can still confirm"):
            accept_on_behalf(session, teacher, paper, runtime.secrets, store)
    assert paper.state == PaperState.RELEASED


@pytest.mark.usefixtures("over")
def test_an_acceptance_is_the_staffs_record_and_given_once(
    session: Session, released: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    records = {accept_on_behalf(session, teacher, paper, runtime.secrets, store).id for _click in range(2)}
    record = session.scalars(select(Verification).where(Verification.kind == "accepted")).one()
    assert (records, record.by_id, paper.state) == ({record.id}, teacher.person_id, PaperState.CONFIRMED)


@pytest.mark.usefixtures("over")
def test_only_a_released_paper_is_accepted(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        accept_on_behalf(session, teacher, bound(), runtime.secrets, store)


def test_the_table_knows_no_confirmation_without_a_record(session: Session, released: PaperOf) -> None:
    released()
    with pytest.raises(DBAPIError, match="accepted on their behalf"), session.begin_nested():
        session.execute(update(Paper).values(state="confirmed"))


def test_a_reminder_reaches_who_has_not_confirmed_and_nobody_else(
    session: Session, released: PaperOf, confirmed: PaperOf, teacher: Viewer, enter: Enter
) -> None:
    waiting, done = released("student"), confirmed("other_student")
    assert remind(session, teacher) == [waiting]
    assert set(reminders_of(session, [waiting, done])) == {waiting.id}
    assert "asks you to look at your paper" in enter("student", EXAM).page("scans/").text
    assert "asks you" not in enter("other_student", EXAM).page("scans/").text


def test_a_student_sets_no_deadline(session: Session, viewer, teacher: Viewer) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotAllowed):
        set_deadline(session, viewer("student"), now())


@pytest.mark.parametrize("text", ["soon", "2026-13-01T10:00"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_moment(text)


def test_staff_set_a_deadline_remind_and_accept_by_the_pages(enter: Enter, released: PaperOf) -> None:
    paper, staff = released(), enter("teacher", EXAM)
    staff.post("scans/staff/remind")
    assert "reminded" in staff.page("scans/").text
    staff.post("scans/staff/deadline", {"until": "2026-01-01T10:00", "until-utc": "2026-01-01T09:00:00.000Z"})
    page = staff.page(f"scans/staff/papers/{paper.id}")
    assert "Accept on behalf of the student" in page.text
    page = staff.follow(staff.post(f"scans/staff/papers/{paper.id}/accept"))
    assert "recorded as such" in page.text and "Accepted after the deadline on behalf of" in page.text
    student = enter("student", EXAM)
    student.post(f"scans/papers/{paper.id}/header", {"mine": "yes"})
    assert "accepted on your behalf" in student.page("scans/").text


@pytest.mark.usefixtures("over")
def test_a_student_may_still_say_that_an_accepted_paper_is_not_theirs(
    session: Session, released: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore, enter: Enter
) -> None:
    paper = released()
    accept_on_behalf(session, teacher, paper, runtime.secrets, store)
    enter("student", EXAM).post(f"scans/papers/{paper.id}/header", {"mine": "no"})
    assert paper.state == PaperState.QUARANTINED


def test_a_receipt_is_known_again_and_an_altered_one_is_not(
    session: Session, confirmed: PaperOf, runtime: Runtime
) -> None:
    paper = confirmed()
    record = session.scalars(select(Verification).where(Verification.kind == "complete")).one()
    text = receipt_text("Botany", paper, record)
    assert check_receipt(session, runtime.secrets, text) == record
    with pytest.raises(InvalidInput, match="altered"):
        check_receipt(session, runtime.secrets, text.replace(record.sha256, "0" * 64))
    with pytest.raises(InvalidInput, match="no confirmation"):
        check_receipt(session, runtime.secrets, "Receipt")
