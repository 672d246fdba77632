"""What the stored evidence of papers says by today's roster, as the readers' rule judges it (readers/judging.py)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.scans.exam import entrants_of, names_of, people_with
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.evidence import NAMES, as_reading, evidence_of
from lti_tool.scans.pages.models import Evidence as Row
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.judging import Binding, Entrants, Evidence, Why, judge_all
from lti_tool.scans.readers.judging import Strength as Certainty
from lti_tool.scans.readers.judging import judge as judge_one
from lti_tool.scans.readers.names import number_by_name
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.sheets.models import Booklet, SheetKind
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


OF_ANOTHER_PAPER = Verdict(problem=Problem.NO_CLAIM, why="continuation")
"""A continuation sheet is nobody's paper: a person joins it to the one it continues (resolve/continuing.py)."""


def verdicts_on(session: Session, exam: Placement, papers: Iterable[Paper]) -> dict[UUID, Verdict]:
    """All papers that no person has decided, judged together: a swap has two halves."""
    by_id = {paper.id: paper for paper in papers}
    known = _Known.of(session, exam, list(by_id.values()))
    evidence = {paper.id: known.about(paper) for paper in by_id.values() if not known.is_continuation(paper)}
    found = judge_all(evidence, Entrants.of(entrants_of(session, exam.course_id)))
    verdicts = {paper_id: _verdict(session, exam, by_id[paper_id], binding) for paper_id, binding in found.items()}
    return dict.fromkeys(by_id, OF_ANOTHER_PAPER) | verdicts


def verdict_on(session: Session, exam: Placement, paper: Paper, taken: Collection[int] = ()) -> Verdict:
    """One paper by its own evidence."""
    entrants, known = Entrants.of(entrants_of(session, exam.course_id)), _Known.of(session, exam, [paper])
    if known.is_continuation(paper):
        return OF_ANOTHER_PAPER
    return _verdict(session, exam, paper, judge_one(known.about(paper), entrants, taken))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is stored about some papers, found at once: a pile has hundreds."""

    rows: Mapping[UUID, Sequence[Row]]
    booklets: Mapping[str, Booklet]
    names: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, exam: Placement, papers: Sequence[Paper]) -> "_Known":
        rows = evidence_of(session, papers)
        serials = {paper.booklet for paper in papers if paper.booklet}
        booklets = session.scalars(select(Booklet).where(Booklet.serial.in_(serials))).all()
        has_names = any(row.details.get(NAMES) for found in rows.values() for row in found)
        return cls(
            rows=rows,
            booklets={booklet.serial: booklet for booklet in booklets},
            names=names_of(session, exam.course_id) if has_names else {},
        )

    def is_continuation(self, paper: Paper) -> bool:
        booklet = self.booklets.get(paper.booklet or "")
        return booklet is not None and booklet.kind == SheetKind.CONTINUATION

    def about(self, paper: Paper) -> Evidence:
        booklet = self.booklets.get(paper.booklet or "")
        readings = [self._reading(row) for row in self.rows[paper.id] if row.kind in READ]
        return Evidence(
            readings=[reading for reading in readings if reading.claim],
            printed_for=booklet.person_id if booklet else None,
        )

    def _reading(self, row: Row) -> Reading:
        """A name that was printed claims the number that its owner has today."""
        reading = as_reading(row)
        if reading.claim or row.kind != EvidenceKind.PRINTED:
            return reading
        return replace(reading, claim=number_by_name(row.details.get(NAMES, []), self.names) or "")


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
