"""A report gets words, once, and whoever reported sees them."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, report
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.resolving import take_back
from lti_tool.scans.running.attention import attention, attention_count
from lti_tool.scans.running.reports import answer, own_reports, reports_of
from lti_tool.scans.states import Report
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf

Reported = Callable[[], Verification]


@pytest.fixture
def reported(session: Session, house: House, released: PaperOf, runtime: Runtime) -> Reported:
    def made() -> Verification:
        paper, student = released(), viewer_of(house, "student", EXAM)
        claim(session, student, paper, runtime.secrets)
        report(session, student, paper, runtime.secrets, Report.PAGE_MISSING, "Where is page 3?")
        return session.scalars(select(Verification).where(Verification.kind == "problem")).one()

    return made


def test_the_answer_reaches_who_reported(session: Session, house: House, teacher: Viewer, reported: Reported) -> None:
    record = reported()
    assert attention(session, teacher).unanswered == 1
    answer(session, teacher, record.id, " It lay in the tray; look again. ")
    (shown,) = own_reports(session, viewer_of(house, "student", EXAM))
    assert shown.answer is not None and shown.answer.words == "It lay in the tray; look again."
    assert own_reports(session, viewer_of(house, "other_student", EXAM)) == []
    assert attention(session, teacher).unanswered == 0


def test_it_reaches_them_although_the_paper_is_nobodys_now(
    session: Session, house: House, teacher: Viewer, reported: Reported, runtime: Runtime, enter: Enter
) -> None:
    record = reported()
    take_back(session, teacher, session.get_one(Paper, record.paper_id), runtime.secrets, "Not hers")
    answer(session, teacher, record.id, "It was somebody else's.")
    page = enter("student", EXAM).page("scans/")
    assert "It was somebody else's." in page.get_text() and "Where is page 3?" in page.get_text()
    assert "It was somebody else's." not in enter("other_student", EXAM).page("scans/").get_text()


def test_it_is_answered_once_with_words_by_staff(
    session: Session, house: House, teacher: Viewer, reported: Reported
) -> None:
    record = reported()
    with pytest.raises(InvalidInput, match="answer_missing"):
        answer(session, teacher, record.id, "  ")
    with pytest.raises(NotAllowed):
        answer(session, viewer_of(house, "student", EXAM), record.id, "Fine")
    with pytest.raises(NotFound):
        answer(session, viewer_of(house, "outsider", EXAM), record.id, "Fine")
    answer(session, teacher, record.id, "Fine")
    with pytest.raises(InvalidInput, match="report_answered"):
        answer(session, teacher, record.id, "Finer")


def test_staff_answer_on_the_page_of_the_exam(teacher: Viewer, reported: Reported, enter: Enter) -> None:
    record, staff = reported(), enter("teacher", EXAM)
    assert "1 report waits" in staff.page("scans/").get_text()
    form = staff.page("scans/running/").select_one(f"#report-{record.id} form")
    assert form is not None and "Where is page 3?" in form.parent.get_text()  # type: ignore[union-attr]
    page = staff.follow(staff.post(f"scans/running/reports/{record.id}/answer", {"words": "Found it."}))
    assert "Found it." in page.get_text()


def test_the_tab_tells_a_student_of_a_paper_to_confirm(session: Session, house: House, released: PaperOf) -> None:
    released()
    assert attention_count(session, viewer_of(house, "student", EXAM)) == 1
    assert attention_count(session, viewer_of(house, "other_student", EXAM)) == 0
    assert attention_count(session, viewer_of(house, "outsider", EXAM)) == 0
    assert list(reports_of(session, viewer_of(house, "teacher", EXAM))) == []
