"""From a lesson to opinions: points and bounds for every paper of the activity, in all and on each criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from lti_tool.grading.second_opinion.features import word_count
from lti_tool.grading.second_opinion.kernel import Matrix, likeness
from lti_tool.grading.second_opinion.learning import Places, Prediction, by_group, predict, split
from lti_tool.grading.second_opinion.lessons import FEWEST, Lesson, Scores
from lti_tool.llm.embeddings import Vector


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Points with their bounds, and the mark that is likeliest."""

    points: float
    likely: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Formed:
    """What the model says of one submission."""

    submission_id: UUID
    words: int
    total: Expected
    criteria: dict[int, Expected] = field(default_factory=dict)


def form_opinions(lesson: Lesson, vectors: Mapping[UUID, Vector] | None = None) -> list[Formed]:
    """One opinion for each submission of the activity; none where there is too little to learn from."""
    if not lesson.is_enough or not lesson.submission_ids:
        return []
    kernel = likeness(lesson.papers, [(vectors or {}).get(name) for name in lesson.texts])
    total = predict(kernel, lesson.total.known, lesson.total.shares, _folds(lesson))
    criteria = {scores.criterion_id: _criterion(kernel, scores) for scores in lesson.criteria if _is_enough(scores)}
    maxima = {scores.criterion_id: scores.maximum for scores in lesson.criteria}
    return [
        Formed(
            submission_id=submission_id,
            words=word_count(lesson.papers[place].text),
            total=_expected(total, place, lesson.total.maximum),
            criteria={
                name: _expected(found, place, maxima[name]) for name, found in criteria.items() if name is not None
            },
        )
        for place, submission_id in enumerate(lesson.submission_ids)
    ]


def _folds(lesson: Lesson) -> list[Places]:
    """The activity's own grades are held out in turn; where these are too few, whole other activities are."""
    if lesson.graded >= FEWEST:
        return split(lesson.graded)
    groups = [lesson.papers[place].group for place in lesson.total.known]
    return by_group(groups) if len(set(groups)) > 1 else split(len(groups))


def _is_enough(scores: Scores) -> bool:
    return len(scores.known) >= FEWEST and len(set(scores.shares)) > 1


def _criterion(kernel: Matrix, scores: Scores) -> Prediction:
    """Criteria are the activity's own, so that only its own papers count."""
    return predict(kernel, scores.known, scores.shares, split(len(scores.known)))


def _expected(prediction: Prediction, place: int, maximum: float) -> Expected:
    points, likely = _within([prediction.expected[place], prediction.likely[place]])
    low, high = _within([points - prediction.miss, points + prediction.miss])
    return Expected(points=points * maximum, likely=likely * maximum, low=low * maximum, high=high * maximum)


def _within(shares: Sequence[float]) -> list[float]:
    return [float(share) for share in np.clip(shares, 0, 1)]
