"""Is what the model quotes in the work? What is not there is struck out, and costs confidence (R54, R55).

What it read from a picture cannot be looked up: it is kept with its page, said to be unchecked, and costs confidence.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lti_tool.grading.proposals.answers import Judgement
from lti_tool.grading.proposals.models import ProposedEvidence, ProposedTick
from lti_tool.grading.proposals.pictures import PagePicture
from lti_tool.grading.quotations import find_quotation
from lti_tool.grading.reading import ReadableWork

WITHOUT_QUOTES = Decimal("0.75")
"""Of the confidence is left where nothing is quoted: that something is missing cannot be quoted."""
UNCHECKED = Decimal("0.5")
"""So much of a quotation that was found is one worth that only a picture shows."""
LEAST_LEFT = Decimal("0.2")
FROM_PICTURE = re.compile(r"\[picture (\d{1,3})\]:?\s*", re.IGNORECASE)


def checked_tick(judgement: Judgement, work: ReadableWork, pictures: Sequence[PagePicture] = ()) -> ProposedTick:
    """The judgement as a row, its quotations at their places."""
    evidence = list(_evidence(judgement, work, pictures))
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


def _evidence(judgement: Judgement, work: ReadableWork, pictures: Sequence[PagePicture]) -> Iterator[ProposedEvidence]:
    for number, said in enumerate(judgement.quotes, start=1):
        named = FROM_PICTURE.match(said)
        quote = said[named.end() :] if named else said
        row = ProposedEvidence(number=number, quote=quote)
        place = find_quotation(work.text, quote)
        if place is not None:
            span = work.place_of(place[0])
            row.begins, row.ends = place
            row.file, row.page, row.line = span.file, span.page, span.file_line
        elif named is not None:
            seen = next((picture for picture in pictures if picture.number == int(named[1])), None)
            row.file, row.page = (seen.file, seen.page) if seen else (None, None)
        yield row


def _left(evidence: list[ProposedEvidence]) -> Decimal:
    """The share of the confidence that the quotations leave."""
    if not evidence:
        return WITHOUT_QUOTES
    worth = sum((_worth(row) for row in evidence), Decimal(0))
    return max(LEAST_LEFT, worth / len(evidence))


def _worth(row: ProposedEvidence) -> Decimal:
    if row.is_unchecked:
        return UNCHECKED
    return Decimal(0) if row.is_struck else Decimal(1)
