"""Length bias: the second opinion that is hardly better than counting words, the assistant that pays by the word."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.pairs import PaperPair, totals
from lti_tool.grading.agreement.statistics import weighted_kappa
from lti_tool.grading.second_opinion.length import by_length, pull_of_length
from lti_tool.grading.second_opinion.opinions import opinions

FEWEST = 10
BETTER = 0.05
"""So much more kappa than the word count a model should have."""
PULLED = 0.2
"""So much more than people's grades may the assistant's rise with length."""


class Alarm(StrEnum):
    """What should make a teacher look twice."""

    HARDLY_BETTER = "hardly_better"
    PAYS_BY_THE_WORD = "pays_by_the_word"


def length_pairs(session: Session, placement: Placement, graded: Sequence[PaperPair]) -> list[PaperPair]:
    """What the word count alone would have said of the papers that the second opinion judged."""
    words = {name: opinion.words for name, opinion in opinions(session, placement).items()}
    if len(graded) < FEWEST:
        return []
    said = by_length([words[pair.submission_id] for pair in graded], [pair.total[1] for pair in graded])
    return [replace(pair, total=(points, pair.total[1])) for points, pair in zip(said, graded, strict=True)]


def alarms_of(
    session: Session, placement: Placement, opinion: Sequence[PaperPair], assistant: Sequence[PaperPair]
) -> list[Alarm]:
    """Nothing is said of a handful of papers."""
    alarms = {
        Alarm.HARDLY_BETTER: len(opinion) >= FEWEST and _is_hardly_better(session, placement, opinion),
        Alarm.PAYS_BY_THE_WORD: _pays_by_the_word(session, placement, assistant),
    }
    return [alarm for alarm, holds in alarms.items() if holds]


def _is_hardly_better(session: Session, placement: Placement, opinion: Sequence[PaperPair]) -> bool:
    model, length = (weighted_kappa(totals(pairs)) for pairs in (opinion, length_pairs(session, placement, opinion)))
    return (model or 0) < (length or 0) + BETTER


def _pays_by_the_word(session: Session, placement: Placement, assistant: Sequence[PaperPair]) -> bool:
    words = {name: opinion.words for name, opinion in opinions(session, placement).items()}
    known = [pair for pair in assistant if pair.submission_id in words]
    if len(known) < 2 * FEWEST:
        return False
    lengths = [words[pair.submission_id] for pair in known]
    said, approved = (pull_of_length(lengths, [pair.total[at] for pair in known]) for at in range(2))
    return said > approved + PULLED
