"""Whose paper it is, from the evidence that is stored: judged again at any time without a new scan (scans.md 4.5).

One fact is a claim and waits for a person. Two facts that agree release the paper by themselves; two that contradict
each other hide it, and the papers it may have been swapped with. What a person decided is never judged away.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import lock_exam, subject_of
from lti_tool.scans.models import Judgement, Paper, Verification
from lti_tool.scans.moves import bind, live_paper_of, quarantine, unbind
from lti_tool.scans.releasing import release_if_strong
from lti_tool.scans.states import LIVE, SHOWN, Basis, PaperState, Problem, Strength, VerificationKind
from lti_tool.scans.verdicts import Verdict, verdict_on, verdicts_on

LIFTED_BY_A_PERSON = frozenset({Problem.TAKEN_BACK, Problem.DENIED})
OPEN = frozenset({PaperState.RECEIVED, PaperState.UNMATCHED})
BY_A_PERSON = (VerificationKind.MATCHED, VerificationKind.COMPLETE, VerificationKind.ACCEPTED)


def propose(session: Session, exam: Placement, paper: Paper) -> None:
    """Bind a paper that nobody has to whom its evidence speaks of, or say what stands in the way."""
    _propose(session, exam, paper, verdict_on(session, exam, paper))


def judge(session: Session, exam: Placement, papers: Iterable[Paper]) -> None:
    """Look again at these papers, in the light of all that no person has decided. The caller holds the exam's lock."""
    found = list(session.scalars(_judged(exam)))
    decided = _decided(session, found)
    undecided = [paper for paper in found if paper.id not in decided]
    verdicts = verdicts_on(session, exam, undecided)
    asked = {paper.id for paper in papers}
    for paper in undecided:
        if paper.id in asked:
            _apply(session, exam, paper, verdicts[paper.id])


def propose_again(session: Session, viewer: Viewer) -> int:
    """Judge everything again after a change of roster or subject; how many papers found their student."""
    exam = lock_exam(session, viewer)
    papers = list(session.scalars(_judged(exam)))
    before = {paper.id for paper in papers if paper.state in OPEN}
    judge(session, exam, papers)
    return sum(paper.id in before and paper.state in LIVE for paper in papers)


def _judged(exam: Placement) -> Select[Paper]:
    """Quarantined papers are left out: whatever is read of them, a person must look."""
    waiting = select(Paper).where(
        Paper.placement_id == exam.id,
        Paper.pages > 0,
        Paper.state.in_([*OPEN, PaperState.BOUND, *SHOWN]),
    )
    return waiting.order_by(Paper.created_at, Paper.id).with_for_update(of=Paper)


def _apply(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> None:
    if verdict.problem is Problem.SECOND_PAPER and paper.state in LIVE:
        # The first stays whose it was; only what came later waits.
        verdict = verdict_on(session, exam, paper)
    if paper.state in OPEN:
        if paper.problem not in LIFTED_BY_A_PERSON:
            _propose(session, exam, paper, verdict)
    elif verdict.problem is Problem.CONTRADICTION and paper.basis != Basis.PERSON:
        _quarantine_both(session, paper, verdict)
    elif paper.state in SHOWN:
        if verdict.person_id != paper.person_id:
            quarantine(session, paper, Problem.CONTRADICTION)
    elif paper.basis != Basis.PERSON:
        _judge_bound(session, exam, paper, verdict)


def _propose(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> None:
    problem = verdict.problem or _in_the_way(session, exam, paper, verdict)
    if problem is Problem.CONTRADICTION:
        _quarantine_both(session, paper, verdict)
    elif problem is not None or verdict.person_id is None:
        unbind(session, paper, problem or Problem.NO_CLAIM)
    else:
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


def _judge_bound(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> None:
    """The same student on the same facts changes nothing; other pages or more facts make a new binding."""
    known = session.get(Judgement, (paper.id, paper.binding))
    if known is None or (known.person_id, known.facts) != (verdict.person_id, list(verdict.facts)):
        unbind(session, paper, verdict.problem or Problem.NO_CLAIM)
        _propose(session, exam, paper, verdict)
    else:
        release_if_strong(session, exam, paper)


def _in_the_way(session: Session, exam: Placement, paper: Paper, verdict: Verdict) -> Problem | None:
    """Another exam's subject, or a paper that the student has already."""
    if paper.subject_code and paper.subject_code != subject_of(exam):
        return Problem.WRONG_SUBJECT
    other = live_paper_of(session, paper, verdict.person_id) if verdict.person_id else None
    return Problem.SECOND_PAPER if other is not None and other.id != paper.id else None


def _quarantine_both(session: Session, paper: Paper, verdict: Verdict) -> None:
    """The paper, and those of whoever else it may belong to, unless two facts or a person speak for them."""
    people = {paper.person_id, *verdict.candidates} - {None}
    quarantine(session, paper, Problem.CONTRADICTION)
    others = _papers_of(session, paper, [person for person in people if person is not None])
    decided = _decided(session, others)
    for other in others:
        if other.strength != Strength.STRONG and other.id not in decided:
            quarantine(session, other, Problem.CONTRADICTION)


def _papers_of(session: Session, paper: Paper, people: Sequence[int]) -> list[Paper]:
    found = select(Paper).where(
        Paper.placement_id == paper.placement_id,
        Paper.person_id.in_(people),
        Paper.state.in_(LIVE),
        Paper.id != paper.id,
    )
    return list(session.scalars(found.order_by(Paper.id).with_for_update(of=Paper)))


def _decided(session: Session, papers: Iterable[Paper]) -> set[UUID]:
    """Those of which a person, not a machine, said whose they are as they are bound now."""
    said = (
        select(Paper.id)
        .join(Verification, Verification.paper_id == Paper.id)
        .where(
            Paper.id.in_([paper.id for paper in papers]),
            Verification.binding == Paper.binding,
            Verification.person_id == Paper.person_id,
            Verification.kind.in_(BY_A_PERSON),
        )
    )
    return set(session.scalars(said))
