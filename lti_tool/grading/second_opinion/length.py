"""The baseline beside the model: what the number of words alone says, and whether anybody pays by the word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def by_length(words: Sequence[int], scores: Sequence[float]) -> list[float]:
    """Scores on a straight line through the logarithm of the word counts, each left out of its own line."""
    lengths, given = np.log1p(np.asarray(words, dtype=np.float64)), np.asarray(scores, dtype=np.float64)
    rows = np.column_stack([lengths, np.ones_like(lengths)])
    hat = rows @ np.linalg.pinv(rows)
    leverage = np.clip(np.diag(hat), 0, 1 - 1e-6)
    held_out = given - (given - hat @ given) / (1 - leverage)
    return [float(score) for score in np.clip(held_out, given.min(), given.max())]


def pull_of_length(words: Sequence[int], scores: Sequence[float]) -> float:
    """How far scores rise with length, from -1 to 1; 0 where either does not vary."""
    lengths, given = np.log1p(np.asarray(words, dtype=np.float64)), np.asarray(scores, dtype=np.float64)
    if not lengths.std() or not given.std():
        return 0.0
    return float(np.corrcoef(lengths, given)[0, 1])
