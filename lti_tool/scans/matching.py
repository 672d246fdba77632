"""Whose paper the file name says it is. A proposal only: weak readings go to a person (scans.md 4.5, promise 3)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import lock_exam, people_with, subject_of
from lti_tool.scans.models import Paper
from lti_tool.scans.moves import bind, live_paper_of, unbind
from lti_tool.scans.states import Basis, PaperState, Problem


def propose(session: Session, exam: Placement, paper: Paper) -> None:
    """Bind a paper to the student its name speaks of, or say what stands in the way."""
    found = _student_or_problem(session, exam, paper)
    if not isinstance(found, Problem):
        bind(session, paper, found, Basis.FILENAME)
    elif paper.state == PaperState.RECEIVED:
        unbind(session, paper, found)
    else:
        paper.problem = found
        session.flush()


def propose_again(session: Session, viewer: Viewer) -> int:
    """Read the unmatched papers' names anew, after a change of roster or subject; how many found their student."""
    exam = lock_exam(session, viewer)
    unmatched = select(Paper).where(
        Paper.placement_id == exam.id,
        Paper.state == PaperState.UNMATCHED,
        Paper.problem != Problem.TAKEN_BACK,
    )
    papers = list(session.scalars(unmatched.order_by(Paper.created_at, Paper.id).with_for_update(of=Paper)))
    for paper in papers:
        propose(session, exam, paper)
    return sum(paper.state == PaperState.BOUND for paper in papers)


def _student_or_problem(session: Session, exam: Placement, paper: Paper) -> int | Problem:
    if paper.subject_code != subject_of(exam):
        return Problem.WRONG_SUBJECT
    people = people_with(session, exam.course_id, paper.register_number)
    if not people:
        return Problem.UNKNOWN_NUMBER
    if len(people) > 1:
        return Problem.SEVERAL_PEOPLE
    person, is_student = people[0]
    if not is_student:
        return Problem.NOT_ON_ROSTER
    return Problem.SECOND_PAPER if live_paper_of(session, paper, person.id) else person.id
