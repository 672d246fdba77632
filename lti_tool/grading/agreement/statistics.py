"""How far two lists of points agree: quadratic weighted kappa with its interval, exact, adjacent, confusion.

Kappa is taken over the points themselves, 1 - mean squared difference / the same if the second list were dealt out at
random. On a scale with even steps this is the usual weighted kappa; half points need no rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Pair = tuple[float, float]
"""What somebody said, and what a person approved."""

RESAMPLED = 1_000
LOWER, UPPER = 2.5, 97.5
FEWEST = 5
"""Of fewer papers nothing is said."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Figures over `papers` pairs; kappa is None where both lists hold one and the same value."""

    papers: int
    kappa: float | None
    low: float | None
    high: float | None
    exact: float
    adjacent: float


def agreement(pairs: Sequence[Pair], marks: Sequence[float]) -> Agreement | None:
    """The figures of pairs on a scale of marks; None for a handful."""
    if len(pairs) < FEWEST:
        return None
    steps = [abs(place_of(said, marks) - place_of(approved, marks)) for said, approved in pairs]
    low, high = interval(tuple(pairs))
    return Agreement(
        papers=len(pairs),
        kappa=weighted_kappa(pairs),
        low=low,
        high=high,
        exact=steps.count(0) / len(steps),
        adjacent=sum(step <= 1 for step in steps) / len(steps),
    )


def weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """1 is perfect, 0 is chance; None where nothing varies."""
    if len(pairs) == 0:
        return None
    said, approved = np.asarray(pairs, dtype=np.float64).T
    kappa = _kappas(said[None], approved[None])[0]
    return None if np.isnan(kappa) else float(kappa)


@lru_cache(maxsize=256)
def interval(pairs: tuple[Pair, ...]) -> tuple[float | None, float | None]:
    """Where kappa lies in 95 of 100 samples drawn from these papers; drawn in the same way each time."""
    said, approved = np.asarray(pairs, dtype=np.float64).T
    drawn = np.random.default_rng(len(pairs)).integers(0, len(pairs), size=(RESAMPLED, len(pairs)))
    kappas = _kappas(said[drawn], approved[drawn])
    kappas = kappas[~np.isnan(kappas)]
    if not len(kappas):
        return None, None
    low, high = np.percentile(kappas, [LOWER, UPPER])
    return float(low), float(high)


def confusion(pairs: Sequence[Pair], marks: Sequence[float]) -> list[list[int]]:
    """A row for each mark approved, a column for each mark said."""
    table = [[0] * len(marks) for _ in marks]
    for said, approved in pairs:
        table[place_of(approved, marks)][place_of(said, marks)] += 1
    return table


def place_of(points: float, marks: Sequence[float]) -> int:
    """The nearest mark; of two as near, the lower."""
    return min(range(len(marks)), key=lambda place: abs(marks[place] - points))


def _kappas(said: Points, approved: Points) -> Points:
    """One kappa for each row."""
    observed = ((said - approved) ** 2).mean(axis=1)
    by_chance = said.var(axis=1) + approved.var(axis=1) + (said.mean(axis=1) - approved.mean(axis=1)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by_chance > 0, 1 - observed / by_chance, np.nan)
