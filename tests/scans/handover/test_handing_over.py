"""A confirmed paper is on the desk once, whatever happens meanwhile, and leaves it when it turns out to be wrong."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.errors import NotFound, ToolError
from lti_tool.files.store import FileStore
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Submission
from lti_tool.grading.reviewing import save_review
from lti_tool.grading.submissions import submission_for
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm, report
from lti_tool.scans.handover.handing_over import keep_work, material_of, papers_to_hand_over
from lti_tool.scans.handover.rules import MarkedFrom, change_marked_from
from lti_tool.scans.handover.tasks import ask_for_exam, sweep
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.resolve.rearranging import rotate
from lti_tool.scans.resolving import assign, confirm_match, take_back
from lti_tool.scans.states import Report
from lti_tool.scans.steps import last_step, undo
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf
from tests.scans.handover.conftest import HandOver

WAITING = text("SELECT args->>'paper_id' FROM procrastinate_jobs WHERE task_name = 'scans.hand_over'")


@pytest.fixture
def student(house: House) -> Viewer:
    return viewer_of(house, "student", EXAM)


@pytest.fixture
def on_its_way(confirmed: PaperOf, scanned: Callable[[Paper], Paper]) -> Paper:
    return scanned(confirmed())


@pytest.fixture
def whole_pdf(tmp_path: Path) -> Path:
    (tmp_path / "whole.pdf").write_bytes(samples.pdf("Answer"))
    return tmp_path / "whole.pdf"


def waiting(session: Session) -> list[UUID]:
    return [UUID(name) for name in session.scalars(WAITING)]


def test_a_confirmed_paper_is_on_the_desk_once(
    session: Session, confirmed: PaperOf, handed_over: HandOver, store: FileStore
) -> None:
    paper = confirmed()
    assert waiting(session) == [paper.id]
    for _run in range(3):
        works = handed_over(paper)
    (work,) = works
    assert (work.person_id, work.state, work.attempt) == (paper.person_id, "submitted", 1)
    assert [(row.file.name, row.pages) for row in work.files] == [("paper.pdf", 2)]
    store.verify(work.files[0].file)


def test_a_paper_that_waits_for_its_student_is_not_marked_unless_the_exam_says_so(
    session: Session, teacher: Viewer, released: PaperOf, handed_over: HandOver
) -> None:
    paper = released()
    assert (waiting(session), handed_over(paper)) == ([], [])
    exam = change_marked_from(session, teacher, MarkedFrom.RELEASED)
    assert ask_for_exam(session, exam) == 1
    assert len(handed_over(paper)) == 1


@pytest.mark.usefixtures("marked_at_once")
def test_what_is_marked_before_its_student_has_seen_it_is_shown_to_staff_alone(
    session: Session, released: PaperOf, handed_over: HandOver, teacher: Viewer, student: Viewer, runtime: Runtime
) -> None:
    paper = released()
    (work,) = handed_over(paper)
    assert submission_for(session, teacher, work.id) == work
    with pytest.raises(NotFound):
        submission_for(session, student, work.id)
    claim(session, student, paper, runtime.secrets)
    assert submission_for(session, student, work.id) == work


@pytest.mark.usefixtures("marked_at_once")
def test_confirming_what_is_on_the_desk_already_changes_nothing_there(
    session: Session, released: PaperOf, handed_over: HandOver, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    before = handed_over(paper)
    claim(session, student, paper, runtime.secrets)
    confirm(session, student, paper, runtime.secrets, store)
    assert [work.id for work in handed_over(paper)] == [work.id for work in before]


@pytest.mark.usefixtures("marked_at_once")
@pytest.mark.parametrize("problem", [Report.NOT_MINE, Report.PAGE_MISSING])
def test_a_paper_that_its_student_reports_leaves_the_desk_at_once(
    session: Session,
    released: PaperOf,
    handed_over: HandOver,
    student: Viewer,
    runtime: Runtime,
    problem: Report,
) -> None:
    paper = released()
    handed_over(paper)
    claim(session, student, paper, runtime.secrets)
    report(session, student, paper, runtime.secrets, problem)
    assert [work.state for work in handed_over(paper)] == ["withdrawn"]


def test_a_paper_that_is_taken_back_leaves_the_desk_and_comes_again_for_somebody_else(
    session: Session,
    house: House,
    confirmed: PaperOf,
    handed_over: HandOver,
    teacher: Viewer,
    runtime: Runtime,
    store: FileStore,
) -> None:
    paper, other = confirmed(), viewer_of(house, "other_student", EXAM)
    handed_over(paper)
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    assign(session, teacher, paper, runtime.secrets, other.person_id)
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    claim(session, other, paper, runtime.secrets)
    confirm(session, other, paper, runtime.secrets, store)
    found = [(work.person_id, work.state) for work in handed_over(paper)]
    assert sorted(found) == sorted([(house.student.id, "withdrawn"), (other.person_id, "submitted")])


def test_a_replaced_paper_leaves_the_desk(
    session: Session,
    house: House,
    confirmed: PaperOf,
    arrive: Callable[..., Paper],
    handed_over: HandOver,
    teacher: Viewer,
    runtime: Runtime,
) -> None:
    paper = confirmed()
    handed_over(paper)
    later = arrive("other_student")
    assign(session, teacher, later, runtime.secrets, house.student.id, replaces=True)
    assert [work.state for work in handed_over(paper)] == ["withdrawn"]


def test_turning_a_page_turns_it_on_the_desk_too_until_somebody_marks_it(
    session: Session, house: House, confirmed: PaperOf, handed_over: HandOver, teacher: Viewer, runtime: Runtime
) -> None:
    paper = confirmed()
    (first,) = handed_over(paper)
    rotate(session, teacher, paper, [pages_of(session, paper)[0].id])
    old, new = handed_over(paper)
    assert (old.id, old.state, new.state) == (first.id, "withdrawn", "submitted")
    assert new.files[0].file.sha256 != old.files[0].file.sha256
    step = last_step(session, teacher)
    assert step is not None
    undo(session, teacher, step.id, runtime.secrets)
    *_earlier, third = handed_over(paper)
    assert third.files[0].file.sha256 == first.files[0].file.sha256
    save_review(session, teacher, house.placements[EXAM], third, Marking(rubric_id=None, seen=0, points=Decimal(5)))
    rotate(session, teacher, paper, [pages_of(session, paper)[0].id])
    assert (len(handed_over(paper)), third.state) == (3, "submitted")


def test_a_job_killed_before_its_end_loses_and_doubles_nothing(
    session: Session, on_its_way: Paper, handed_over: HandOver, runtime: Runtime, store: FileStore, whole_pdf: Path
) -> None:
    paper = on_its_way
    with pytest.raises(KeyboardInterrupt), transaction(runtime.engine) as killed:
        material = material_of(killed, store, paper.id)
        assert material is not None
        keep_work(killed, store, paper.id, material, whole_pdf)
        raise KeyboardInterrupt
    assert session.scalars(select(Submission)).all() == []
    assert papers_to_hand_over(session) == [paper.id]
    assert len(handed_over(paper)) == 1
    assert papers_to_hand_over(session) == []


def test_a_paper_taken_back_while_its_pdf_is_put_together_never_reaches_the_desk(
    session: Session, on_its_way: Paper, teacher: Viewer, runtime: Runtime, store: FileStore, whole_pdf: Path
) -> None:
    paper = on_its_way
    material = material_of(session, store, paper.id)
    assert material is not None
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    keep_work(session, store, paper.id, material, whole_pdf)
    assert session.scalars(select(Submission)).all() == []


def test_the_sweep_asks_for_what_a_lost_job_left(session: Session, confirmed: PaperOf, runtime: Runtime) -> None:
    paper = confirmed()
    session.execute(text("DELETE FROM procrastinate_jobs"))
    sweep(runtime)
    assert waiting(session) == [paper.id]


def test_an_altered_paper_is_not_marked(
    session: Session, confirmed: PaperOf, handed_over: HandOver, store: FileStore
) -> None:
    paper = confirmed()
    original = Path(store.path_of(paper.sha256))
    original.chmod(0o640)
    original.write_bytes(b"something else")
    with pytest.raises(ToolError, match="damaged"):
        handed_over(paper)
    assert session.scalars(select(Submission)).all() == []
