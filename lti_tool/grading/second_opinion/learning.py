"""Learning scores from papers that are alike: levels by their likelihood, many-valued points by ridge regression.

A score that is held out is predicted from the others alone, so that agreement is never flattered; the misses of these
predictions give the interval of all. The figures were chosen by measurement: benchmarks/grading_agreement.py.
scikit-learn is imported late, as in `kernel`.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lti_tool.grading.second_opinion.kernel import Matrix

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]

MOST_LEVELS = 10
"""More distinct scores than these are points on a scale, not levels."""
RIDGE, LOOSENESS = 0.3, 10.0
FOLDS = 10
COVERED = 0.8
"""The interval holds the grade of four papers in five."""
SMALLEST = 1e-8


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """For every paper of the kernel the expected score and the likeliest; `miss` is half the width of the interval."""

    expected: Numbers
    likely: Numbers
    miss: float


def predict(kernel: Matrix, known: Sequence[int], scores: Sequence[float], folds: Sequence[Places]) -> Prediction:
    """Scores of all papers from those at the places `known`; each fold, as places in `known`, is held out once."""
    places, given = np.asarray(known, dtype=np.intp), np.asarray(scores, dtype=np.float64)
    expected, likely = learn(kernel, places, given, np.arange(len(kernel)))
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(places)), fold)
        expected[places[fold]], likely[places[fold]] = learn(kernel, places[rest], given[rest], places[fold])
    held = np.concatenate(folds)
    return Prediction(expected=expected, likely=likely, miss=_miss(np.abs(expected[places[held]] - given[held])))


def learn(kernel: Matrix, known: Places, scores: Numbers, asked: Places) -> tuple[Numbers, Numbers]:
    """Expected and likeliest scores of the papers asked about."""
    few = len(np.unique(scores)) <= MOST_LEVELS
    return _by_levels(kernel, known, scores, asked) if few else _by_points(kernel, known, scores, asked)


def split(count: int) -> list[Places]:
    """Folds of so many papers, the same each time: the same grades give the same opinion."""
    shuffled = np.random.default_rng(count).permutation(count)
    return [np.sort(part) for part in np.array_split(shuffled, min(FOLDS, count))]


def by_group(groups: Sequence[str]) -> list[Places]:
    """A fold for each task: how well what was learnt elsewhere does on a task that it never saw."""
    named = np.asarray(groups)
    return [np.flatnonzero(named == group) for group in np.unique(named)]


def _by_levels(kernel: Matrix, known: Places, scores: Numbers, asked: Places) -> tuple[Numbers, Numbers]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    levels, places = np.unique(scores, return_inverse=True)
    if len(levels) == 1:
        return np.full(len(asked), levels[0]), np.full(len(asked), levels[0])
    among = kernel[np.ix_(known, known)]
    model = LogisticRegression(C=LOOSENESS, max_iter=200)
    # So small a matrix is no work for several threads: on a busy machine they spin, waiting for one another.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Nearly there is near enough for an opinion.
        axes = _axes(among)
        model.fit(among @ axes, places)
    chances = model.predict_proba(kernel[np.ix_(asked, known)] @ axes)
    return chances @ levels, levels[chances.argmax(axis=1)]


def _by_points(kernel: Matrix, known: Places, scores: Numbers, asked: Places) -> tuple[Numbers, Numbers]:
    among, to = kernel[np.ix_(known, known)], kernel[np.ix_(asked, known)]
    columns, mean = among.mean(axis=0), scores.mean()
    centred = among - columns[None] - columns[:, None] + columns.mean()
    weights = np.linalg.solve(centred + RIDGE * np.eye(len(known)), scores - mean)
    expected = (to - to.mean(axis=1)[:, None] - columns[None] + columns.mean()) @ weights + mean
    expected = np.clip(expected, scores.min(), scores.max())
    scale = np.unique(scores)
    return expected, scale[np.abs(expected[:, None] - scale[None]).argmin(axis=1)]


def _axes(among: Matrix) -> Matrix:
    """What turns likeness to the known papers into coordinates: the same linear model, in fewer dimensions."""
    values, vectors = np.linalg.eigh(among)
    kept = values > SMALLEST
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]), dtype=np.float64)


def _miss(misses: Numbers) -> float:
    """The miss that `COVERED` of the held-out papers stay within, a little wider for few papers."""
    rank = min(len(misses), math.ceil((len(misses) + 1) * COVERED))
    return float(np.sort(misses)[rank - 1])
