"""What the stored evidence of papers says by today's roster, as the readers' rule judges it (readers/judging.py)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.scans.exam import entrants_of, people_with
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.evidence import as_reading, evidence_of
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.judging import Binding, Entrants, Evidence, Why, judge_all
from lti_tool.scans.readers.judging import Strength as Certainty
from lti_tool.scans.readers.judging import judge as judge_one
from lti_tool.scans.sheets.models import Booklet
from lti_tool.scans.states import Basis, Problem, Strength

READ = frozenset({EvidenceKind.FILENAME, EvidenceKind.DIGITS, EvidenceKind.BUBBLES, EvidenceKind.PRINTED})
PROBLEMS = {
    Why.DISAGREE: Problem.CONTRADICTION,
    Why.CONTESTED: Problem.CONTRADICTION,
    Why.NOT_ON_ROSTER: Problem.UNKNOWN_NUMBER,
    Why.SECOND_PAPER: Problem.SECOND_PAPER,
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whose the paper seems to be and on which facts, or what stands in the way; `candidates`: who it may be of."""

    person_id: int | None = None
    problem: Problem | None = None
    basis: Basis = Basis.FILENAME
    strength: Strength = Strength.WEAK
    facts: Sequence[str] = ()
    why: str = ""
    candidates: tuple[int, ...] = ()


def verdicts_on(session: Session, exam: Placement, papers: Iterable[Paper]) -> dict[UUID, Verdict]:
    """All papers that no person has decided, judged together: a swap has two halves."""
    by_id = {paper.id: paper for paper in papers}
    evidence = {paper.id: _evidence(session, paper) for paper in by_id.values()}
    found = judge_all(evidence, Entrants.of(entrants_of(session, exam.course_id)))
    return {paper_id: _verdict(session, exam, by_id[paper_id], binding) for paper_id, binding in found.items()}


def verdict_on(session: Session, exam: Placement, paper: Paper, taken: Collection[int] = ()) -> Verdict:
    """One paper by its own evidence."""
    entrants = Entrants.of(entrants_of(session, exam.course_id))
    return _verdict(session, exam, paper, judge_one(_evidence(session, paper), entrants, taken))


def _evidence(session: Session, paper: Paper) -> Evidence:
    readings = [as_reading(row) for row in evidence_of(session, paper) if row.kind in READ]
    booklet = session.get(Booklet, paper.booklet) if paper.booklet else None
    return Evidence(readings=readings, printed_for=booklet.person_id if booklet else None)


def _verdict(session: Session, exam: Placement, paper: Paper, binding: Binding) -> Verdict:
    if binding.person_id is None or binding.strength is Certainty.NONE:
        problem = _problem(session, exam, paper, binding.why)
        return Verdict(problem=problem, why=binding.why, candidates=binding.candidates)
    return Verdict(
        person_id=binding.person_id,
        basis=_basis(binding),
        strength=Strength(binding.strength.value),
        facts=[str(fact) for fact in binding.facts],
        why=binding.why,
        candidates=binding.candidates,
    )


def _basis(binding: Binding) -> Basis:
    if EvidenceKind.SHEET in binding.facts:
        return Basis.SHEET
    return Basis.FILENAME if EvidenceKind.FILENAME in binding.facts else Basis.READING


def _problem(session: Session, exam: Placement, paper: Paper, why: Why) -> Problem:
    """More exactly where the file's name claims a number: who has it, and why that does not do."""
    if why is not Why.NOT_ON_ROSTER or not paper.register_number:
        return PROBLEMS.get(why, Problem.NO_CLAIM)
    people = people_with(session, exam.course_id, paper.register_number)
    if len(people) > 1:
        return Problem.SEVERAL_PEOPLE
    return Problem.NOT_ON_ROSTER if people and not people[0][1] else Problem.UNKNOWN_NUMBER
