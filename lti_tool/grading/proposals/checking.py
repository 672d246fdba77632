"""Is what the model quotes in the work? What is not there is struck out, and costs confidence (R54, R55)."""

from collections.abc import Iterator
from decimal import Decimal

from lti_tool.grading.proposals.answers import Judgement
from lti_tool.grading.proposals.models import ProposedEvidence, ProposedTick
from lti_tool.grading.quotations import find_quotation
from lti_tool.grading.reading import ReadableWork

WITHOUT_QUOTES = Decimal("0.75")
"""Of the confidence is left where nothing is quoted: that something is missing cannot be quoted."""
LEAST_LEFT = Decimal("0.2")


def checked_tick(judgement: Judgement, work: ReadableWork) -> ProposedTick:
    """The judgement as a row, its quotations at their places."""
    evidence = list(_evidence(judgement, work))
    left = _left(evidence)
    return ProposedTick(
        criterion_id=judgement.criterion_id,
        level_id=judgement.level_id,
        points=judgement.points,
        reasons=judgement.reasons,
        confidence_said=judgement.confidence,
        confidence=(judgement.confidence * left).quantize(Decimal("0.001")),
        evidence=evidence,
    )


def _evidence(judgement: Judgement, work: ReadableWork) -> Iterator[ProposedEvidence]:
    for number, quote in enumerate(judgement.quotes, start=1):
        row = ProposedEvidence(number=number, quote=quote)
        place = find_quotation(work.text, quote)
        if place is not None:
            span = work.place_of(place[0])
            row.begins, row.ends = place
            row.file, row.page, row.line = span.file, span.page, span.file_line
        yield row


def _left(evidence: list[ProposedEvidence]) -> Decimal:
    """The share of the confidence that the quotations leave."""
    if not evidence:
        return WITHOUT_QUOTES
    found = sum(not row.is_struck for row in evidence)
    return max(LEAST_LEFT, Decimal(found) / len(evidence))
