"""Pages go where staff put them, nothing is lost, and every step can be taken back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm
from lti_tool.scans.models import Batch, Paper
from lti_tool.scans.moves import move_page
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.resolve.queue import candidates, trays, waiting
from lti_tool.scans.resolve.rearranging import discard_page, move_pages, place, reorder, rotate, split, take_out
from lti_tool.scans.resolving import assign, confirm_match, discard, take_back
from lti_tool.scans.states import FileState, PaperState
from lti_tool.scans.steps import last_step, undo
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, Arrive, PaperOf, sent_file


def numbers(session: Session, paper: Paper) -> list[int]:
    return [page.number for page in pages_of(session, paper)]


def undo_last(session: Session, viewer: Viewer, runtime: Runtime) -> None:
    step = last_step(session, viewer)
    assert step is not None
    undo(session, viewer, step.id, runtime.secrets)


def test_reordered_pages_are_another_fingerprint_and_a_new_binding(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = bound()
    before, pages = (paper.sha256, paper.binding), pages_of(session, paper)
    reorder(session, teacher, paper, {pages[0].id: 2, pages[1].id: 1})
    assert numbers(session, paper) == [2, 1] and paper.sha256 != before[0] and paper.binding > before[1]
    undo_last(session, teacher, runtime)
    assert numbers(session, paper) == [1, 2] and paper.sha256 == before[0]


def test_a_turned_page_stays_what_was_signed(
    session: Session, confirmed: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = confirmed()
    page = pages_of(session, paper)[0]
    rotate(session, teacher, paper, [page.id])
    assert (page.rotation, paper.state) == (90, PaperState.CONFIRMED)
    undo_last(session, teacher, runtime)
    assert (page.rotation, paper.state) == (0, PaperState.CONFIRMED)


def test_a_split_makes_a_paper_that_nobody_has(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = bound()
    made = split(session, teacher, paper, [pages_of(session, paper)[1].id])
    assert (numbers(session, paper), numbers(session, made)) == ([1], [2])
    assert (made.state, made.person_id) == (PaperState.UNMATCHED, None)
    undo_last(session, teacher, runtime)
    assert (numbers(session, paper), paper.state) == ([1, 2], PaperState.BOUND)
    assert (made.state, made.pages) == (PaperState.DISCARDED, 0)


def test_a_split_leaves_a_page(session: Session, bound: PaperOf, teacher: Viewer) -> None:
    paper = bound()
    with pytest.raises(InvalidInput, match="at least one"):
        split(session, teacher, paper, [page.id for page in pages_of(session, paper)])


def test_merged_papers_are_one_and_come_apart_again(
    session: Session, house: House, bound: PaperOf, arrive: Arrive, teacher: Viewer, runtime: Runtime
) -> None:
    paper, rest = bound(), arrive(number="999999999999")
    move_pages(session, teacher, rest, [page.id for page in pages_of(session, rest)], paper)
    assert (paper.pages, rest.pages, rest.state) == (4, 0, PaperState.DISCARDED)
    undo_last(session, teacher, runtime)
    assert (paper.pages, paper.state, paper.person_id) == (2, PaperState.BOUND, house.student.id)
    assert (rest.pages, rest.state, rest.problem) == (2, PaperState.UNMATCHED, "unknown_number")


def test_a_page_taken_out_waits_in_the_tray_and_can_be_put_elsewhere(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper, other = bound("student"), bound("other_student")
    page = pages_of(session, paper)[1]
    take_out(session, teacher, paper, [page.id])
    assert (trays(session, teacher), page.state) == ([page], PageState.UNKNOWN)
    place(session, teacher, page, other)
    assert (other.pages, page.state, trays(session, teacher)) == (3, PageState.PLACED, [])
    undo_last(session, teacher, runtime)
    undo_last(session, teacher, runtime)
    assert (paper.pages, other.pages, page.state) == (2, 2, PageState.PLACED)


def test_a_page_may_begin_a_paper(session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime) -> None:
    paper = bound()
    page = pages_of(session, paper)[1]
    take_out(session, teacher, paper, [page.id])
    made = place(session, teacher, page, None)
    assert pages_of(session, made) == [page]
    undo_last(session, teacher, runtime)
    assert (trays(session, teacher), made.state) == ([page], PaperState.DISCARDED)


def test_a_discarded_page_keeps_its_reason_its_name_and_its_picture(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = bound()
    page = pages_of(session, paper)[1]
    take_out(session, teacher, paper, [page.id], "Scribbling paper")
    assert (page.state, page.reason, page.changed_by_id) == ("discarded", "Scribbling paper", teacher.person_id)
    undo_last(session, teacher, runtime)
    assert (page.state, page.reason, paper.pages) == ("placed", "", 2)


def test_a_page_of_a_tray_is_discarded_for_a_reason(session: Session, bound: PaperOf, teacher: Viewer) -> None:
    paper = bound()
    page = pages_of(session, paper)[1]
    take_out(session, teacher, paper, [page.id])
    with pytest.raises(InvalidInput):
        discard_page(session, teacher, page, " ")
    discard_page(session, teacher, page, "Blank")
    assert page.state == PageState.DISCARDED and trays(session, teacher) == []


@pytest.mark.parametrize("change", [split, take_out])
def test_pages_of_a_paper_that_was_shown_stay(
    session: Session, released: PaperOf, teacher: Viewer, change: object
) -> None:
    paper = released()
    with pytest.raises(InvalidInput, match="Take the paper back"):
        change(session, teacher, paper, [pages_of(session, paper)[0].id])  # type: ignore[operator]


def test_a_page_of_another_paper_is_not_changed_here(session: Session, bound: PaperOf, teacher: Viewer) -> None:
    paper, other = bound("student"), bound("other_student")
    with pytest.raises(InvalidInput, match="at least one page"):
        rotate(session, teacher, paper, [pages_of(session, other)[0].id])


def test_an_undone_release_hides_the_paper_again(
    session: Session, house: House, released: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = released()
    undo_last(session, teacher, runtime)
    assert (paper.state, paper.person_id) == (PaperState.BOUND, house.student.id)


def test_an_undone_taking_back_shows_nothing_by_itself(
    session: Session, released: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = released()
    take_back(session, teacher, paper, runtime.secrets, "No")
    undo_last(session, teacher, runtime)
    assert paper.state == PaperState.BOUND


def test_an_undone_discard_and_an_undone_replacement(
    session: Session, house: House, bound: PaperOf, arrive: Arrive, teacher: Viewer, runtime: Runtime
) -> None:
    first = bound()
    discard(session, teacher, first, "No")
    undo_last(session, teacher, runtime)
    assert (first.state, {page.state for page in pages_of(session, first)}) == (PaperState.BOUND, {"placed"})
    second = arrive("student")
    assign(session, teacher, second, runtime.secrets, house.student.id, replaces=True)
    undo_last(session, teacher, runtime)
    assert (first.state, second.state) == (PaperState.BOUND, PaperState.UNMATCHED)


def test_what_the_student_has_answered_is_not_undone(
    session: Session,
    released: PaperOf,
    teacher: Viewer,
    viewer,
    runtime: Runtime,
    store: FileStore,  # type: ignore[no-untyped-def]
) -> None:
    paper, student = released(), viewer("student")
    claim(session, student, paper, runtime.secrets)
    confirm(session, student, paper, runtime.secrets, store)
    with pytest.raises(InvalidInput, match="answered meanwhile"):
        undo_last(session, teacher, runtime)


def test_what_somebody_else_has_changed_since_is_not_undone(
    session: Session, house: House, bound: PaperOf, teacher: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper, colleague = bound(), viewer_of(house, "non_editing_teacher", EXAM)
    rotate(session, teacher, paper, [pages_of(session, paper)[0].id])
    own = last_step(session, teacher)
    assert own is not None
    confirm_match(session, colleague, paper, runtime.secrets, store, binding=paper.binding)
    later = last_step(session, colleague)
    assert later is not None
    later.created_at = own.created_at.replace(year=own.created_at.year + 1)
    session.flush()
    with pytest.raises(InvalidInput, match="Somebody else"):
        undo(session, teacher, own.id, runtime.secrets)


def test_every_action_is_in_the_audit(session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime) -> None:
    paper = bound()
    rotate(session, teacher, paper, [pages_of(session, paper)[0].id])
    split(session, teacher, paper, [pages_of(session, paper)[1].id])
    undo_last(session, teacher, runtime)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["scans.rotated", "scans.split", "scans.undone"]


def test_candidates_begin_with_who_is_proposed(session: Session, house: House, bound: PaperOf, teacher: Viewer) -> None:
    paper = bound()
    assert [person.id for person in candidates(session, teacher, paper)] == [house.student.id]
    assert waiting(session, teacher).papers == [paper]


def test_a_repeated_page_can_join_without_taking_a_place(session: Session, bound: PaperOf, teacher: Viewer) -> None:
    paper = bound()
    first, second = pages_of(session, paper)
    session.delete(session.get_one(PaperPage, second.id))
    move_page(session, second, PageState.DUPLICATE, twin=first)
    first.booklet, first.sheet_number = second.booklet, second.sheet_number = "AAAAAAA", 1
    session.flush()
    place(session, teacher, second, paper)
    assert (second.state, second.sheet_number, len(pages_of(session, paper))) == (PageState.PLACED, None, 2)


def test_students_rearrange_nothing(session: Session, house: House, bound: PaperOf) -> None:
    paper = bound()
    page = session.scalars(select(Page)).first()
    assert page is not None
    with pytest.raises(NotAllowed):
        rotate(session, viewer_of(house, "student", EXAM), paper, [page.id])
    with pytest.raises(InvalidInput):
        move_page(session, page, PageState.RECEIVED)


def test_undoing_a_discard_puts_the_sent_file_back_in_use(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = bound()
    sent = pages_of(session, paper)[0].sent_file
    discard(session, teacher, paper, "A blank sheet")
    assert sent.state == FileState.SET_ASIDE
    undo_last(session, teacher, runtime)
    assert (paper.state, sent.state) == (PaperState.BOUND, FileState.READ)


def test_a_discard_is_not_undone_once_the_file_came_again(
    session: Session, bound: PaperOf, teacher: Viewer, runtime: Runtime
) -> None:
    paper = bound()
    sent = pages_of(session, paper)[0].sent_file
    discard(session, teacher, paper, "A blank sheet")
    assert sent.file is not None
    sent_file(session, session.get_one(Batch, sent.batch_id), sent.file, 1)
    with pytest.raises(InvalidInput, match="received again"):
        undo_last(session, teacher, runtime)
