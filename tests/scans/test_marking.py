"""A paper is graded only after its release, and only an approval sends the grade on."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.models import Approval, Grade, Push
from lti_tool.runtime import Runtime
from lti_tool.scans.board import board
from lti_tool.scans.confirming import report
from lti_tool.scans.marking import Marks, mark, mark_and_approve, next_to_grade, read_points
from lti_tool.scans.models import Paper
from lti_tool.scans.states import Report
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf, Release

SEVEN = Marks(points=Decimal("7.5"), comment="Good", seen_version=0)


def test_marks_stay_a_draft_until_they_are_approved(session: Session, released: PaperOf, teacher: Viewer) -> None:
    paper = released()
    mark(session, teacher, paper, SEVEN)
    assert session.scalars(select(Approval)).all() == session.scalars(select(Push)).all() == []
    mark_and_approve(session, teacher, paper, SEVEN)
    assert session.scalars(select(Approval.points)).all() == [Decimal("7.5")]


def test_an_approved_grade_waits_in_the_outbox_of_the_exams_column(
    session: Session, house: House, confirmed: PaperOf, teacher: Viewer
) -> None:
    mark_and_approve(session, teacher, confirmed(), SEVEN)
    push = session.scalars(select(Push)).one()
    assert (push.person_id, push.resource_link.placement_id) == (house.student.id, house.placements["exam"].id)


@pytest.mark.parametrize("is_disputed", [False, True])
def test_a_paper_that_may_be_somebody_elses_takes_no_grade(
    session: Session,
    house: House,
    bound: PaperOf,
    teacher: Viewer,
    release: Release,
    runtime: Runtime,
    is_disputed: bool,
) -> None:
    paper = bound()
    if is_disputed:
        release(paper)
        report(session, viewer_of(house, "student", EXAM), paper, runtime.secrets, Report.NOT_MINE)
    with pytest.raises(InvalidInput, match="released to its student"):
        mark(session, teacher, paper, SEVEN)
    assert session.scalars(select(Grade)).all() == []


def test_two_teachers_who_grade_at_once_are_told(session: Session, released: PaperOf, teacher: Viewer) -> None:
    paper = released()
    mark(session, teacher, paper, SEVEN)
    mark(session, teacher, paper, SEVEN)
    with pytest.raises(InvalidInput, match="graded this student meanwhile"):
        mark(session, teacher, paper, Marks(points=Decimal(3), comment="", seen_version=0))
    mark(session, teacher, paper, Marks(points=Decimal(3), comment="", seen_version=1))


@pytest.mark.parametrize("text", ["", "seven", "1,2,3", "0x7"])
def test_points_that_are_no_number_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_points(text)


def test_points_may_have_a_decimal_comma() -> None:
    assert read_points(" 7,5 ") == Decimal("7.5")


def test_the_next_paper_is_one_without_an_approved_grade(session: Session, released: PaperOf, teacher: Viewer) -> None:
    first, second = released("student"), released("other_student")
    assert next_to_grade(session, teacher, first) == second
    mark_and_approve(session, teacher, second, SEVEN)
    assert next_to_grade(session, teacher, first) is None
    assert next_to_grade(session, teacher, second) == first


def test_the_counter_line_counts_what_was_done(
    session: Session, released: PaperOf, bound: PaperOf, teacher: Viewer
) -> None:
    mark_and_approve(session, teacher, released("student"), SEVEN)
    bound("other_student")
    counts = board(session, teacher).counts
    assert (counts.papers, counts.pages, counts.to_confirm, counts.to_resolve) == (2, 4, 1, 0)
    assert (counts.confirmed, counts.graded, counts.pushed) == (0, 1, 0)


def test_papers_stand_in_the_order_of_names(session: Session, released: PaperOf, teacher: Viewer) -> None:
    papers: list[Paper] = [released("student"), released("other_student")]
    assert board(session, teacher).shown == papers[::-1]
