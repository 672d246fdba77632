"""Does the assistant still agree as it did? The latest papers against all before them.

It has drifted when the latest papers differ from what people approve by more than before, by so much that chance is
no explanation, and their agreement lies below the bar. Who sees a draft leans towards it: drift shows late, not early.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lti_tool.grading.agreement.statistics import Pair, weighted_kappa

Misses = NDArray[np.float64]

WINDOW = 20
RESAMPLED = 2_000
CERTAIN = 0.95


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Mean difference in points and kappa, before and in the latest `window` papers."""

    window: int
    earlier_miss: float
    recent_miss: float
    earlier_kappa: float | None
    recent_kappa: float | None
    has_drifted: bool


def find_drift(pairs: Sequence[Pair], bar: Decimal) -> Drift | None:
    """From pairs in the order of approval; None until there are two windows of papers."""
    if len(pairs) < 2 * WINDOW:
        return None
    earlier, recent = list(pairs[:-WINDOW]), list(pairs[-WINDOW:])
    misses = [np.abs([said - approved for said, approved in part]) for part in (earlier, recent)]
    kappa = weighted_kappa(recent)
    return Drift(
        window=WINDOW,
        earlier_miss=float(misses[0].mean()),
        recent_miss=float(misses[1].mean()),
        earlier_kappa=weighted_kappa(earlier),
        recent_kappa=kappa,
        has_drifted=(kappa is None or kappa < bar) and _is_larger(misses[1], misses[0]),
    )


def _is_larger(recent: Misses, earlier: Misses) -> bool:
    """Dealt out at random, these papers would hardly ever differ so much: a permutation test."""
    together = np.concatenate([recent, earlier])
    dealer = np.random.default_rng(len(together))
    dealt = dealer.permuted(np.tile(together, (RESAMPLED, 1)), axis=1)[:, : len(recent)].mean(axis=1)
    return bool((dealt < recent.mean() - 1e-12).mean() >= CERTAIN)
