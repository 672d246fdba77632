"""Which dark points of a small picture hang together, side by side or corner to corner; and making strokes thicker."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.bool_]
Run = tuple[int, int, int]
"""A row, and where its dark points begin and end."""


def parts_of(dark: Points) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each point the number of its part, from 1 on, 0 for paper; and how many points each part has."""
    runs = _runs(dark)
    names = _joined(runs)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), start=1)}
    labels = np.zeros(dark.shape, np.int64)
    sizes = np.zeros(len(numbers), np.int64)
    for (row, start, end), name in zip(runs, names, strict=True):
        labels[row, start:end] = numbers[name]
        sizes[numbers[name] - 1] += end - start
    return labels, sizes


def grown(dark: Points, *, times: int) -> Points:
    """With the neighbours above, below and on both sides, so many times."""
    for _time in range(times):
        wider = dark.copy()
        wider[1:] |= dark[:-1]
        wider[:-1] |= dark[1:]
        wider[:, 1:] |= dark[:, :-1]
        wider[:, :-1] |= dark[:, 1:]
        dark = wider
    return dark


def _runs(dark: Points) -> list[Run]:
    """Dark points that follow each other in a row, from the top."""
    edged = np.zeros((dark.shape[0], dark.shape[1] + 2), np.int8)
    edged[:, 1:-1] = dark
    steps = np.diff(edged, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _rows, ends = np.nonzero(steps == -1)
    return list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))


def _joined(runs: list[Run]) -> list[int]:
    """For each run the first run of its part."""
    parents = list(range(len(runs)))
    above = 0
    for here, (row, start, end) in enumerate(runs):
        while runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] < start):
            above += 1
        other = above
        while runs[other][0] == row - 1 and runs[other][1] <= end:
            one, two = _first(parents, here), _first(parents, other)
            parents[max(one, two)] = min(one, two)
            other += 1
    return [_first(parents, run) for run in range(len(runs))]


def _first(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run
