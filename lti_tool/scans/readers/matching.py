"""Whose number is it, among those of the roster? Nearest is never enough (scans.md 4.3).

`loss` is how much less likely a number is than the best of all readings, `margin` how much likelier than the next of
the roster, both in nats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lti_tool.scans.readers.readings import LogProbabilities


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A number of the roster, and how it fits what was read."""

    number: str
    loss: float
    margin: float


class Roster:
    """Numbers of one length, ready to be compared with many readings."""

    def __init__(self, numbers: Sequence[str]) -> None:
        self.numbers = sorted({number for number in numbers if number.isascii() and number.isdigit()})

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], NDArray[np.int64]]]:
        grouped: dict[int, list[str]] = {}
        for number in self.numbers:
            grouped.setdefault(len(number), []).append(number)
        return {
            length: (group, np.array([[int(digit) for digit in number] for number in group]))
            for length, group in grouped.items()
        }

    def candidates(self, places: LogProbabilities, most: int = 3) -> list[Candidate]:
        """The numbers that fit best, best first."""
        group, losses = self._losses(places)
        order = np.argsort(losses, kind="stable")[: most + 1]
        return [
            Candidate(
                number=group[index],
                loss=float(losses[index]),
                margin=float(losses[order[1] if rank == 0 else order[0]] - losses[index]) if len(order) > 1 else np.inf,
            )
            for rank, index in enumerate(order[:most])
        ]

    def _losses(self, places: LogProbabilities) -> tuple[list[str], NDArray[np.float64]]:
        group, digits = self._by_length.get(len(places), ([], np.zeros((0, max(1, len(places))), int)))
        logs = np.array(places)
        best = float(logs.max(axis=1).sum()) if len(places) else 0.0
        return group, best - logs[np.arange(len(places)), digits].sum(axis=1) if group else np.zeros(0)

    def assignment(self, readings: Sequence[LogProbabilities]) -> list[str | None]:
        """Each paper's number when no number is given twice and all together fit best: a proposal, never a proof."""
        # Late: it takes 37 MB, and every process of the web server would have it.
        from scipy.optimize import linear_sum_assignment

        found: list[str | None] = [None] * len(readings)
        for length, (group, _) in self._by_length.items():
            rows = [row for row, places in enumerate(readings) if len(places) == length]
            if rows:
                costs = np.array([self._losses(readings[row])[1] for row in rows])
                for row, column in zip(*linear_sum_assignment(costs), strict=True):
                    found[rows[row]] = group[column]
        return found


def loss_of(places: LogProbabilities, number: str) -> float:
    """How much less likely this number is than the best reading; infinite for a number of another form."""
    if len(places) != len(number) or not (number.isascii() and number.isdigit()):
        return float("inf")
    return sum(max(place) - place[int(digit)] for place, digit in zip(places, number, strict=True))


def together(first: LogProbabilities, second: LogProbabilities) -> LogProbabilities:
    """Two independent readings of one number as one."""
    if len(first) != len(second):
        return ()
    return tuple(
        tuple(one + other for one, other in zip(*places, strict=True)) for places in zip(first, second, strict=True)
    )
