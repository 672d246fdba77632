"""Whose paper it is, from the evidence that is stored: judged again at any time without a new scan (scans.md 4.5).

One fact is a claim and waits for a person. Two facts that agree release the paper by themselves; two that contradict
each other hide it, and the paper it might have been swapped with. What a person decided is never judged away.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import lock_exam, subject_of
from lti_tool.scans.models import Judgement, Paper, Verification
from lti_tool.scans.moves import bind, live_paper_of, quarantine, unbind
from lti_tool.scans.releasing import release_if_strong
from lti_tool.scans.states import (
    LIVE,
    SHOWN,
    Basis,
    PaperState,
    Problem,
    Strength,
    VerificationKind,
)
from lti_tool.scans.verdicts import Verdict, verdict_on

BY_A_PERSON = frozenset({Problem.TAKEN_BACK, Problem.DENIED})
"""Only a person lifts these."""
OPEN = frozenset({PaperState.RECEIVED, PaperState.UNMATCHED})


def propose(session: Session, exam: Placement, paper: Paper) -> None:
    """Bind a paper that nobody has to whom its evidence speaks of, or say what stands in the way."""
    verdict = verdict_on(session, exam, paper)
    problem = verdict.problem or _in_the_way(session, exam, paper, verdict)
    if problem is not None:
        if problem is Problem.CONTRADICTION:
            _quarantine_both(session, paper, verdict)
        else:
            unbind(session, paper, problem)
        return
    assert verdict.person_id is not None
    bind(
        session,
        paper,
        verdict.person_id,
        verdict.basis,
        strength=verdict.strength,
        facts=verdict.facts,
        why=verdict.why,
    )
    release_if_strong(session, exam, paper)


def judge(session: Session, exam: Placement, paper: Paper) -> None:
    """Look at all evidence of a paper again. The caller holds the exam's lock."""
    if paper.state in OPEN and paper.problem not in BY_A_PERSON and paper.pages:
        propose(session, exam, paper)
    elif paper.state in LIVE and not _is_decided(session, paper):
        _judge_live(session, exam, paper)


def propose_again(session: Session, viewer: Viewer) -> int:
    """Judge again whatever no person has decided, after a change of roster or subject; how many found their student."""
    exam = lock_exam(session, viewer)
    papers = list(session.scalars(_undecided(exam)))
    before = {paper.id for paper in papers if paper.state in OPEN}
    for paper in papers:
        judge(session, exam, paper)
    return sum(paper.id in before and paper.state in LIVE for paper in papers)


def _undecided(exam: Placement):  # type: ignore[no-untyped-def]
    waiting = select(Paper).where(
        Paper.placement_id == exam.id,
        Paper.state.in_([PaperState.UNMATCHED, PaperState.BOUND, PaperState.RELEASED, PaperState.CONFIRMED]),
    )
    return waiting.order_by(Paper.created_at, Paper.id).with_for_update(of=Paper)


def _judge_live(session: Session, exam: Placement, paper: Paper) -> None:
    verdict = verdict_on(session, exam, paper)
    if verdict.problem is Problem.CONTRADICTION:
        _quarantine_both(session, paper, verdict)
    elif paper.state == PaperState.BOUND and paper.basis != Basis.PERSON:
        _judge_bound(session, exam, paper, verdict)
    elif paper.state in SHOWN and verdict.person_id != paper.person_id:
        quarantine(session, paper, Problem.CONTRADICTION)


def _judge_bound(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> None:
    known = session.get(Judgement, (paper.id, paper.binding))
    same = known is not None and (known.person_id, known.strength) == (verdict.person_id, verdict.strength)
    if not same:
        unbind(session, paper, verdict.problem or Problem.NO_CLAIM)
        propose(session, exam, paper)
    else:
        release_if_strong(session, exam, paper)


def _in_the_way(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> Problem | None:
    """Another exam's subject, or a paper that the student has already."""
    if paper.subject_code and paper.subject_code != subject_of(exam):
        return Problem.WRONG_SUBJECT
    assert verdict.person_id is not None
    other = live_paper_of(session, paper, verdict.person_id)
    return Problem.SECOND_PAPER if other is not None and other.id != paper.id else None


def _quarantine_both(session: Session, paper: Paper, verdict: Verdict) -> None:
    """The paper, and the papers of whoever else it may belong to, unless two facts or a person speak for those."""
    quarantine(session, paper, Problem.CONTRADICTION)
    for other in _papers_of(session, paper, verdict.rivals):
        if other.strength != Strength.STRONG and not _is_decided(session, other):
            quarantine(session, other, Problem.CONTRADICTION)


def _papers_of(session: Session, paper: Paper, people: Iterable[int]) -> list[Paper]:
    found = select(Paper).where(
        Paper.placement_id == paper.placement_id,
        Paper.person_id.in_(list(people)),
        Paper.state.in_(LIVE),
        Paper.id != paper.id,
    )
    return list(session.scalars(found.order_by(Paper.id).with_for_update(of=Paper)))


def _is_decided(session: Session, paper: Paper) -> bool:
    """Whether a person, not a machine, said whose the paper is as it is bound now."""
    said = select(Verification.id).where(
        Verification.paper_id == paper.id,
        Verification.binding == paper.binding,
        Verification.kind.in_([VerificationKind.MATCHED, VerificationKind.COMPLETE]),
    )
    return session.scalar(said.limit(1)) is not None
