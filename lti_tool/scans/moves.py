"""Moving papers and pages from state to state, and binding a paper to a student. Whoever calls holds the locks.

A paper that is shown to its student may be marked from then on; one that is shown no more takes its work with it.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.handover.tasks import ask_to_hand_over
from lti_tool.scans.handover.works import take_work_back
from lti_tool.scans.models import Judgement, Paper
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PAGE_MOVES, PageState
from lti_tool.scans.states import LIVE, MOVES, SHOWN, Basis, PaperState, Problem, Strength


def move(session: Session, paper: Paper, to: PaperState) -> None:
    """Raises InvalidInput where the table has no such move: somebody was faster."""
    if to not in MOVES[PaperState(paper.state)]:
        raise InvalidInput(
            "paper_changed", "This paper was changed meanwhile. Look at it again.", state=paper.state, to=to
        )
    was_shown = paper.state in SHOWN
    paper.state, paper.changed_at = to, now()
    session.flush()
    if to in SHOWN:
        ask_to_hand_over(session, paper)
    elif was_shown:
        take_work_back(session, paper)


def move_page(
    session: Session, page: Page, to: PageState, *, reason: str = "", by_id: int | None = None, twin: Page | None = None
) -> None:
    """The same for a page; why and by whom where a person decided, and which page it repeats."""
    if to not in PAGE_MOVES[PageState(page.state)]:
        raise InvalidInput(
            "page_changed", "This page was changed meanwhile. Look at it again.", state=page.state, to=to
        )
    page.state, page.reason, page.changed_by_id, page.changed_at = to, reason, by_id, now()
    page.twin_id = twin.id if twin else page.twin_id
    session.flush()


def bind(
    session: Session,
    paper: Paper,
    person_id: int,
    basis: Basis,
    *,
    strength: Strength = Strength.WEAK,
    facts: Sequence[str] = (),
    why: str = "",
) -> None:
    """Say whose the paper seems to be, and on which facts; nobody sees it before it is released."""
    paper.person_id, paper.basis, paper.strength, paper.problem = person_id, basis, strength, None
    paper.binding += 1
    if paper.state == PaperState.BOUND:
        paper.changed_at = now()
        session.flush()
    else:
        move(session, paper, PaperState.BOUND)
    session.add(
        Judgement(
            paper_id=paper.id,
            binding=paper.binding,
            person_id=person_id,
            strength=strength,
            facts=list(facts) or [basis],
            why=why,
        )
    )
    session.flush()


def unbind(session: Session, paper: Paper, problem: Problem) -> None:
    """Nobody's paper, for this reason."""
    paper.person_id, paper.basis, paper.strength, paper.problem = None, None, None, problem
    paper.superseded_by_id = None
    if paper.state == PaperState.UNMATCHED:
        paper.changed_at = now()
        session.flush()
    else:
        move(session, paper, PaperState.UNMATCHED)


def quarantine(session: Session, paper: Paper, problem: Problem) -> None:
    """Hide the paper until a person has looked; who it seemed to belong to stays on it."""
    paper.problem = problem
    if paper.state == PaperState.QUARANTINED:
        session.flush()
    else:
        move(session, paper, PaperState.QUARANTINED)


def live_paper_of(session: Session, paper: Paper, person_id: int) -> Paper | None:
    """The paper that the student has in the exam of `paper`."""
    return session.scalar(
        select(Paper)
        .where(
            Paper.placement_id == paper.placement_id,
            Paper.person_id == person_id,
            Paper.state.in_(LIVE),
        )
        .with_for_update(of=Paper)
    )
