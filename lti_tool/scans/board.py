"""What staff see of an exam: counts, the papers to confirm, to resolve and to grade, and those set aside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.overview import GradeRow, GradeState, grade_rows
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Discard, Paper
from lti_tool.scans.states import ENDED, SHOWN, TO_RESOLVE, PaperState

SHOWN_AT_ONCE = 20
"""Headers to compare on one page; what is confirmed makes room for the next."""
UNGRADED = frozenset({GradeState.NONE, GradeState.DRAFT})
ARRIVED = frozenset({GradeState.SENT, GradeState.OVERRIDDEN})


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The counter line."""

    pages: int
    papers: int
    to_confirm: int
    to_resolve: int
    confirmed: int
    graded: int
    pushed: int


@dataclass(frozen=True, kw_only=True)
class Board:
    """Every paper of the exam, by what is to be done with it."""

    counts: Counts
    to_confirm: list[Paper]
    to_resolve: list[Paper]
    shown: list[Paper]
    set_aside: list[Paper]
    discards: Mapping[object, Discard]
    grades: Mapping[int, GradeRow]


def board(session: Session, viewer: Viewer) -> Board:
    """The exam as it stands, in the order of the students' names."""
    viewer.require(Capability.HANDLE_SCANS)
    papers = sorted(
        session.scalars(select(Paper).where(Paper.placement_id == exam_of(session, viewer).id)), key=_by_name
    )
    grades = grades_by_person(session, viewer)
    return Board(
        counts=_counts(papers, grades),
        to_confirm=_in(papers, {PaperState.BOUND})[:SHOWN_AT_ONCE],
        to_resolve=_in(papers, TO_RESOLVE),
        shown=_in(papers, SHOWN),
        set_aside=_in(papers, ENDED),
        discards=_discards(session, papers),
        grades=grades,
    )


def grades_by_person(session: Session, viewer: Viewer) -> dict[int, GradeRow]:
    """Each student's grade in this exam; empty where there are no points or the viewer may not grade."""
    exam = exam_of(session, viewer)
    if exam.points is None or not viewer.may(Capability.GRADE):
        return {}
    return {row.person.id: row for row in grade_rows(session, viewer, exam.id)}


def _counts(papers: list[Paper], grades: Mapping[int, GradeRow]) -> Counts:
    kept = [paper for paper in papers if paper.state not in ENDED]
    owners = {paper.person_id for paper in _in(papers, SHOWN)}
    states = [row.state for person_id, row in grades.items() if person_id in owners]
    return Counts(
        pages=sum(paper.pages for paper in kept),
        papers=len(kept),
        to_confirm=len(_in(papers, {PaperState.BOUND})),
        to_resolve=len(_in(papers, TO_RESOLVE)),
        confirmed=len(_in(papers, {PaperState.CONFIRMED})),
        graded=sum(state not in UNGRADED for state in states),
        pushed=sum(state in ARRIVED for state in states),
    )


def _discards(session: Session, papers: Iterable[Paper]) -> dict[object, Discard]:
    ids = [paper.id for paper in papers if paper.state == PaperState.DISCARDED]
    found = session.scalars(select(Discard).where(Discard.paper_id.in_(ids)).order_by(Discard.id))
    return {discard.paper_id: discard for discard in found}


def _in(papers: Iterable[Paper], states: Iterable[PaperState]) -> list[Paper]:
    wanted = frozenset(states)
    return [paper for paper in papers if paper.state in wanted]


def _by_name(paper: Paper) -> tuple[str, str, str, str]:
    person = paper.person
    family, name = (person.family_name.lower(), person.display_name.lower()) if person else ("", "")
    return family, name, paper.register_number, str(paper.id)
