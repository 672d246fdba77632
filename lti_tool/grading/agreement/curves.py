"""From what an assistant says of its confidence to how often it was right: logistic from little, isotonic from much.

Both only ever rise with the confidence. A curve is a few points of (confidence, share that was right).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

MUCH = 200
"""From so many suggestions on, steps are found better than a bent line would."""
STEPS = 20
ROUNDS = 50
PRIOR = 1.0
"""Keeps the line from becoming a cliff where little is known."""


def fit(said: Sequence[float], was_right: Sequence[bool]) -> Curve:
    """The curve for these suggestions."""
    confidence, right = np.asarray(said, dtype=np.float64), np.asarray(was_right, dtype=np.float64)
    return _isotonic(confidence, right) if len(confidence) >= MUCH else _logistic(confidence, right)


def read_off(curve: Curve, raw: float) -> float:
    """Between two points of the curve in a straight line, beyond its ends as at them."""
    confidences, shares = zip(*curve, strict=True)
    return float(np.interp(raw, confidences, shares))


def _logistic(confidence: Numbers, right: Numbers) -> Curve:
    """Platt's way: targets drawn a little towards each other, Newton's method, and never a falling line."""
    hits = right.sum()
    targets = np.where(right > 0, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))
    middle = confidence.mean()
    rows = np.column_stack([confidence - middle, np.ones_like(confidence)])
    weights = np.zeros(2)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (targets - chance) - PRIOR * weights * [1, 0]
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + PRIOR * np.diag([1.0, 1e-6])
        weights = weights + np.linalg.solve(bend, gradient)
    slope, height = max(0.0, weights[0]), weights[1]
    grid = np.linspace(0, 1, STEPS + 1)
    shares = 1 / (1 + np.exp(-(slope * (grid - middle) + height)))
    return tuple(zip(grid.tolist(), shares.tolist(), strict=True))


def _isotonic(confidence: Numbers, right: Numbers) -> Curve:
    """Neighbours that fall are pooled until none does."""
    pools: list[list[float]] = []
    for level in np.unique(confidence):
        among = right[confidence == level]
        pools.append([float(level), float(level), float(among.mean()), float(len(among))])
        while len(pools) > 1 and pools[-2][2] > pools[-1][2]:
            _, end, share, count = pools.pop()
            last = pools[-1]
            last[2] = (last[2] * last[3] + share * count) / (last[3] + count)
            last[1], last[3] = end, last[3] + count
    ends = [(start, end, share) for start, end, share, _ in pools]
    return tuple((edge, share) for start, end, share in ends for edge in sorted({start, end}))
