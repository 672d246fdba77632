"""Read the grid of bubbles: in each column one that is clearly darker than the others (scans.md 4.4)."""

import numpy as np

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.readers.registration import Registration, part_of
from lti_tool.scans.sheets.layout import BUBBLE, Area, bubbles

VERSION = "bubbles 2"
DARK = 0.22
"""Contrast to the column's blank bubbles from which a bubble is filled."""
CLEAR = 0.14
"""By how much the darkest must exceed the second for a machine to be sure."""
MARKED = 0.10
"""Below this nothing was marked."""
INNER = 0.75
"""The share of a bubble's diameter that is looked at: its printed ring is left out."""
AROUND = 0.7
"""Millimetres of paper around a bubble with which it is compared: half of what lies between two."""
SURE, UNSURE = 1e-3, 0.2
"""How likely another digit is, per place, after a clear mark and after an unclear one."""


def read_bubbles(page: Grey, registration: Registration, digits: int) -> Reading | None:
    """The number of the filled bubbles; None where a column has no mark. `is_clear` only if every column is."""
    if not digits:
        return None
    columns = bubbles(digits)
    grid = _grid(columns)
    edged = grid.within(-AROUND)
    cut = registration.cut(page, edged)
    contrasts = np.array([[_darkness(cut, bubble.seen_from(edged)) for bubble in column] for column in columns])
    marks = contrasts - np.median(contrasts, axis=1, keepdims=True)
    ordered = np.sort(marks, axis=1)
    darkest, second = ordered[:, -1], ordered[:, -2]
    if (darkest < MARKED).any():
        return None
    clear = (darkest >= DARK) & (darkest - second >= CLEAR)
    doubts = np.where(clear, SURE, UNSURE)
    return Reading(
        kind=EvidenceKind.BUBBLES,
        claim="".join(str(int(digit)) for digit in marks.argmax(axis=1)),
        score=float(np.prod(1 - doubts)),
        version=VERSION,
        frame=registration.frame(page, grid),
        places=tuple(_places(int(row.argmax()), float(doubt)) for row, doubt in zip(marks, doubts, strict=True)),
        is_clear=bool(clear.all()),
    )


def _darkness(grid: Grey, bubble: Area) -> float:
    """Against the paper around it: a shadow across the page darkens both."""
    paper = float(np.percentile(part_of(grid, bubble.within(-AROUND)), 75))
    return 1 - float(part_of(grid, bubble.within(BUBBLE * (1 - INNER) / 2)).mean()) / max(paper, 1.0)


def _places(digit: int, doubt: float) -> tuple[float, ...]:
    others = float(np.log(doubt / 9))
    return tuple(float(np.log1p(-doubt)) if place == digit else others for place in range(10))


def _grid(columns: list[list[Area]]) -> Area:
    first, last = columns[0][0], columns[-1][-1]
    return Area(
        left=first.left,
        top=first.top,
        width=last.left + last.width - first.left,
        height=last.top + last.height - first.top,
    )
