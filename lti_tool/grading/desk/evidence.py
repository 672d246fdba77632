"""Quotations that speak for a mark: each must stand in the work, word for word (requirements.md M5)."""

from collections.abc import Iterable, Sequence

from lti_tool.errors import InvalidInput
from lti_tool.grading.desk.annotating import Highlight, Source, located
from lti_tool.grading.desk.models import IndependentMark
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Criterion, Review, Rubric
from lti_tool.grading.proposals.showing import ShownProposal
from lti_tool.grading.quotations import find_quotation
from lti_tool.grading.reading import ReadableWork


def require_verbatim(work: ReadableWork, marking: Marking) -> None:
    """Raises InvalidInput for a quotation that does not stand in the work."""
    for tick in marking.ticks.values():
        for quotation in tick.evidence:
            if find_quotation(work.text, quotation) is None:
                raise InvalidInput(
                    "evidence_not_found", "“%(quotation)s” does not stand in the work.", {"quotation": quotation}
                )


def evidence_of(work: ReadableWork, decided: Review | IndependentMark | None) -> list[Highlight]:
    """Where a marker's quotations stand."""
    if decided is None or decided.rubric is None:
        return []
    numbers = numbered(decided.rubric)
    quotations = [(numbers[tick.criterion_id], quote) for tick in decided.ticks for quote in tick.evidence]
    return located(work, quotations, Source.MARKER)


def evidence_proposed(work: ReadableWork, proposal: ShownProposal | None) -> list[Highlight]:
    """Where the assistant's quotations stand, and what may try to steer it; what lies beyond the text is left out."""
    if proposal is None:
        return []
    found = [
        Highlight(start=row.begins, end=row.ends, criterion=number, source=Source.DRAFT, quotation=row.quote)
        for number, tick in enumerate(proposal.ticks, start=1)
        for row in tick.evidence
        if row.begins is not None and row.ends is not None
    ]
    found += [
        Highlight(start=stretch.begins, end=stretch.ends, criterion=0, source=Source.SUSPICIOUS)
        for stretch in proposal.stretches
    ]
    return [mark for mark in found if mark.end <= len(work.text)]


def numbered(rubric: Rubric | None) -> dict[int, int]:
    """The criteria of a rubric counted from 1, as the page counts them."""
    criteria: Sequence[Criterion] = rubric.criteria if rubric else []
    return {criterion.id: number for number, criterion in enumerate(criteria, start=1)}


def as_lines(quotations: Iterable[str]) -> str:
    """As the form holds them."""
    return "\n".join(quotations)
