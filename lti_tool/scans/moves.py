"""Moving a paper from state to state, and binding it to a student. Whoever calls holds the paper's lock."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.models import Paper
from lti_tool.scans.states import LIVE, MOVES, Basis, PaperState, Problem


def move(session: Session, paper: Paper, to: PaperState) -> None:
    """Raises InvalidInput where the table has no such move: somebody was faster."""
    if to not in MOVES[PaperState(paper.state)]:
        raise InvalidInput(
            "paper_changed", "This paper was changed meanwhile. Look at it again.", state=paper.state, to=to
        )
    paper.state, paper.changed_at = to, now()
    session.flush()


def bind(session: Session, paper: Paper, person_id: int, basis: Basis) -> None:
    """Propose the student whose paper it is; nobody sees it before a person has confirmed that."""
    paper.person_id, paper.basis, paper.problem = person_id, basis, None
    paper.binding += 1
    if paper.state == PaperState.BOUND:
        paper.changed_at = now()
        session.flush()
    else:
        move(session, paper, PaperState.BOUND)


def unbind(session: Session, paper: Paper, problem: Problem) -> None:
    """Nobody's paper, for this reason."""
    paper.person_id, paper.basis, paper.problem = None, None, problem
    move(session, paper, PaperState.UNMATCHED)


def live_paper_of(session: Session, paper: Paper, person_id: int) -> Paper | None:
    """The paper that the student has in the exam of `paper`."""
    return session.scalar(
        select(Paper)
        .where(Paper.placement_id == paper.placement_id, Paper.person_id == person_id, Paper.state.in_(LIVE))
        .with_for_update(of=Paper)
    )
