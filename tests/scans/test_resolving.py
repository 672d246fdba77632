"""Staff decide whose a paper is; nothing is overwritten, and nothing reaches a student without a look."""

import os

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound, ToolError
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import report
from lti_tool.scans.models import Discard, Verification
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.papers import find_own_paper
from lti_tool.scans.resolving import assign, confirm_match, discard, take_back
from lti_tool.scans.states import Basis, PaperState, Problem, Report, VerificationKind
from lti_tool.scans.verifications import history_of, is_genuine
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, Arrive, PaperOf


@pytest.fixture
def student(house: House) -> Viewer:
    return viewer_of(house, "student", EXAM)


def test_a_bound_paper_is_invisible_until_a_person_confirms_the_match(
    session: Session, bound: PaperOf, teacher: Viewer, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = bound()
    assert find_own_paper(session, student) is None
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    assert find_own_paper(session, student) == paper and paper.state == PaperState.RELEASED


def test_a_match_is_confirmed_once_under_a_double_click(
    session: Session, released: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    assert [record.kind for record in history_of(session, paper)] == [VerificationKind.MATCHED]


def test_a_match_with_another_student_than_the_page_showed_is_refused(
    session: Session, house: House, bound: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = bound()
    seen = paper.binding
    assign(session, teacher, paper, runtime.secrets, house.people["other_student"].id)
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        confirm_match(session, teacher, paper, runtime.secrets, store, binding=seen)
    assert paper.state == PaperState.BOUND


def test_an_altered_file_is_not_released(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = bound()
    (page, *_others) = pages_of(session, paper)
    assert page.sent_file.file is not None
    path = store.path(page.sent_file.file)
    os.chmod(path, 0o640)
    path.write_bytes(b"%PDF-other")
    with pytest.raises(ToolError, match="file_changed"):
        confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)


def test_a_slip_onto_a_classmates_number_stays_weak_and_goes_to_the_right_student(
    session: Session, house: House, bound: PaperOf, teacher: Viewer, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = bound("other_student")
    assign(session, teacher, paper, runtime.secrets, house.student.id)
    assert (paper.state, paper.basis) == (PaperState.BOUND, Basis.PERSON)
    assert find_own_paper(session, student) is None
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    assert find_own_paper(session, student) == paper
    assert find_own_paper(session, viewer_of(house, "other_student", EXAM)) is None


def test_a_second_paper_replaces_the_first_only_when_a_person_says_so(
    session: Session, house: House, confirmed: PaperOf, arrive: Arrive, teacher: Viewer, runtime: Runtime
) -> None:
    first = confirmed()
    second = arrive("student")
    with pytest.raises(InvalidInput, match="has a paper already"):
        assign(session, teacher, second, runtime.secrets, house.student.id)
    assign(session, teacher, second, runtime.secrets, house.student.id, replaces=True)
    assert (first.state, first.superseded_by_id, second.state) == (PaperState.SUPERSEDED, second.id, PaperState.BOUND)


def test_swapped_papers_are_put_right_one_after_the_other(
    session: Session, house: House, released: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    ours, theirs = released("student"), released("other_student")
    for paper in (ours, theirs):
        take_back(session, teacher, paper, runtime.secrets, "Swapped in the pile")
    assign(session, teacher, ours, runtime.secrets, house.people["other_student"].id)
    assign(session, teacher, theirs, runtime.secrets, house.student.id)
    assert {ours.state, theirs.state} == {PaperState.BOUND}


def test_a_paper_taken_back_is_gone_for_the_student_and_is_not_matched_by_name_again(
    session: Session, confirmed: PaperOf, teacher: Viewer, student: Viewer, runtime: Runtime
) -> None:
    paper = confirmed()
    take_back(session, teacher, paper, runtime.secrets, "It is somebody else's")
    assert find_own_paper(session, student) is None
    assert (paper.state, paper.problem, paper.person_id) == (PaperState.UNMATCHED, Problem.TAKEN_BACK, None)


def test_a_released_paper_is_not_given_to_another_without_being_taken_back(
    session: Session, house: House, released: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = released()
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        assign(session, teacher, paper, runtime.secrets, house.people["other_student"].id)


@pytest.mark.parametrize("name", ["teacher", "outsider"])
def test_a_paper_is_given_to_students_of_the_course_alone(
    session: Session, house: House, bound: PaperOf, teacher: Viewer, runtime: Runtime, name: str
) -> None:
    with pytest.raises(NotFound):
        assign(session, teacher, bound(), runtime.secrets, house.people[name].id)


def test_a_disputed_paper_shown_again_asks_the_student_anew(
    session: Session, released: PaperOf, teacher: Viewer, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    report(session, student, paper, runtime.secrets, Report.NOT_MINE)
    before = paper.binding
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=before)
    assert (paper.state, paper.binding) == (PaperState.RELEASED, before + 1)


def test_a_discarded_paper_keeps_its_reason_and_its_file(
    session: Session, bound: PaperOf, teacher: Viewer, store: FileStore
) -> None:
    paper = bound()
    for _click in range(2):
        discard(session, teacher, paper, "A blank sheet")
    assert [each.reason for each in session.scalars(select(Discard))] == ["A blank sheet"]
    pages = pages_of(session, paper)
    assert {page.state for page in pages} == {PageState.DISCARDED} and paper.state == PaperState.DISCARDED
    assert all(page.sent_file.file and store.path(page.sent_file.file).exists() for page in pages)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_discard_needs_a_reason(session: Session, bound: PaperOf, teacher: Viewer, reason: str) -> None:
    paper = bound()
    with pytest.raises(InvalidInput):
        discard(session, teacher, paper, reason)
    assert paper.state == PaperState.BOUND


def test_a_paper_that_a_student_sees_is_not_discarded(session: Session, released: PaperOf, teacher: Viewer) -> None:
    with pytest.raises(InvalidInput, match="Take the paper back"):
        discard(session, teacher, released(), "No")


def test_every_decision_is_a_signed_record_and_in_the_audit(
    session: Session, house: House, bound: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = bound("other_student")
    assign(session, teacher, paper, runtime.secrets, house.student.id)
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    take_back(session, teacher, paper, runtime.secrets, "No")
    records = history_of(session, paper)
    assert [record.kind for record in records] == ["assigned", "matched", "taken_back"]
    assert all(is_genuine(runtime.secrets, record) and record.sha256 == paper.sha256 for record in records)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["scans.assigned", "scans.matched", "scans.taken_back"]


def test_a_forged_record_is_noticed(session: Session, released: PaperOf, runtime: Runtime) -> None:
    released()
    record = session.scalars(select(Verification)).one()
    session.expunge(record)
    record.pages += 1
    assert not is_genuine(runtime.secrets, record)
