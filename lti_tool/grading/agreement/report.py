"""Everything that the page of an activity's agreement shows: figures, confusion, disagreements, drift, alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.alarms import Alarm, alarms_of, length_pairs
from lti_tool.grading.agreement.calibration import Calibration, calibration_of
from lti_tool.grading.agreement.drift import WINDOW, Drift, find_drift
from lti_tool.grading.agreement.gate import gate_of
from lti_tool.grading.agreement.pairs import (
    PaperPair,
    all_pairs,
    blind_pairs,
    human_pairs,
    on_criterion,
    opinion_pairs,
    totals,
)
from lti_tool.grading.agreement.scales import marks_of, steps_of
from lti_tool.grading.agreement.statistics import Agreement, agreement, confusion, weighted_kappa
from lti_tool.grading.models import Criterion
from lti_tool.grading.rubrics.versions import rubric_of

MOST_SHOWN = 30
TOTAL = 0
"""In place of a criterion's id."""


class Judge(StrEnum):
    """Who is held against the approved grades; the second marker is held against the first."""

    BLIND = "blind"
    ASSISTANT = "assistant"
    OPINION = "opinion"
    LENGTH = "length"
    MARKER = "marker"


WITH_CRITERIA = (Judge.BLIND, Judge.ASSISTANT, Judge.OPINION, Judge.MARKER)


@dataclass(frozen=True, kw_only=True)
class CriterionRow:
    """One criterion with the figures of everybody who judged it."""

    criterion: Criterion
    figures: Mapping[Judge, Agreement | None]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One paper on which two did not agree."""

    submission_id: UUID
    said: float
    approved: float


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """What one judge said against what was approved, in all or on one criterion."""

    judge: Judge
    marks: Sequence[float]
    table: Sequence[Sequence[int]]
    disagreements: Sequence[Disagreement]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """So many papers in the order of their approval."""

    first: int
    last: int
    kappa: float | None
    miss: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """`stretches` are of the assistant, where there is one."""

    totals: Mapping[Judge, Agreement | None]
    counts: Mapping[Judge, int]
    criteria: Sequence[CriterionRow]
    confusion: Confusion | None
    stretches: Sequence[Stretch]
    drift: Drift | None
    calibration: Calibration
    alarms: Sequence[Alarm]


def report_on(session: Session, placement: Placement, *, judge: str, criterion_id: int) -> Report:
    """`judge` and `criterion_id` say what the confusion table is of."""
    pairs = pairs_of(session, placement)
    rubric = rubric_of(session, placement)
    criteria = rubric.criteria if rubric else []
    scale = steps_of(placement.points or 1)
    by_time = pairs[Judge.ASSISTANT]
    return Report(
        totals={name: agreement(totals(found), scale) for name, found in pairs.items()},
        counts={name: len(found) for name, found in pairs.items()},
        criteria=[_criterion_row(criterion, pairs) for criterion in criteria],
        confusion=_confusion(pairs, _chosen(judge, pairs), criteria, criterion_id, scale),
        stretches=_stretches(by_time),
        drift=find_drift(totals(by_time), gate_of(session, placement).bar),
        calibration=calibration_of(session, placement),
        alarms=alarms_of(session, placement, pairs[Judge.OPINION], by_time),
    )


def pairs_of(session: Session, placement: Placement) -> dict[Judge, list[PaperPair]]:
    opinion = opinion_pairs(session, placement)
    return {
        Judge.BLIND: blind_pairs(session, placement),
        Judge.ASSISTANT: all_pairs(session, placement),
        Judge.OPINION: opinion,
        Judge.LENGTH: length_pairs(session, placement, opinion),
        Judge.MARKER: human_pairs(session, placement),
    }


def _criterion_row(criterion: Criterion, pairs: Mapping[Judge, Sequence[PaperPair]]) -> CriterionRow:
    marks = marks_of(criterion)
    figures = {judge: agreement(on_criterion(pairs[judge], criterion.id), marks) for judge in WITH_CRITERIA}
    return CriterionRow(criterion=criterion, figures=figures)


def _chosen(judge: str, pairs: Mapping[Judge, Sequence[PaperPair]]) -> Judge | None:
    """Who was asked for, else the first that there is anything of."""
    there = [name for name in WITH_CRITERIA if pairs[name]]
    return next((name for name in there if name == judge), there[0] if there else None)


def _confusion(
    pairs: Mapping[Judge, Sequence[PaperPair]],
    judge: Judge | None,
    criteria: Sequence[Criterion],
    criterion_id: int,
    scale: Sequence[float],
) -> Confusion | None:
    if judge is None:
        return None
    criterion = next((one for one in criteria if one.id == criterion_id), None)
    marks = marks_of(criterion) if criterion else scale
    found = [
        (pair.submission_id, pair.criteria[criterion.id] if criterion else pair.total)
        for pair in pairs[judge]
        if criterion is None or criterion.id in pair.criteria
    ]
    apart = [Disagreement(submission_id=name, said=said, approved=given) for name, (said, given) in found]
    apart = sorted(apart, key=lambda one: -abs(one.said - one.approved))
    return Confusion(
        judge=judge,
        marks=marks,
        table=confusion([pair for _, pair in found], marks),
        disagreements=[one for one in apart if _is_apart(one, marks)][:MOST_SHOWN],
    )


def _is_apart(one: Disagreement, marks: Sequence[float]) -> bool:
    """By half a step of the scale or more."""
    return abs(one.said - one.approved) >= (marks[-1] - marks[0]) / (len(marks) - 1) / 2


def _stretches(pairs: Sequence[PaperPair]) -> list[Stretch]:
    """The newest last; what is left over at the beginning belongs to the first."""
    edges = list(range(len(pairs) % WINDOW, len(pairs) + 1, WINDOW)) if len(pairs) >= WINDOW else []
    starts = [0, *edges[1:-1]]
    found = []
    for start, end in zip(starts, edges[1:], strict=True) if edges else ():
        part = totals(pairs[start:end])
        miss = sum(abs(said - approved) for said, approved in part) / len(part)
        found.append(Stretch(first=start + 1, last=end, kappa=weighted_kappa(part), miss=miss))
    return found
