"""Bring a scanned page onto the printed one: rotation, skew and scale from the corners of its codes (scans.md 4.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.page_codes import Point, Symbol, symbols_on
from lti_tool.scans.readers.readings import Frame
from lti_tool.scans.sheets.layout import BOTTOM_LEFT, CODE, TOP_RIGHT, Area

DOTS = 8
"""In a millimetre of what is cut out: 203 dots per inch."""
NEARBY = 9.0
"""Millimetres around the place where the second code must be."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Where the points of the printed page are on the scan: `[x, y] = matrix @ [across, down, 1]`, in dots."""

    matrix: NDArray[np.float64]
    codes: int

    @property
    def degrees(self) -> float:
        """By how much the scan is turned clockwise."""
        return degrees(atan2(self.matrix[1, 0], self.matrix[0, 0]))

    @property
    def rotation(self) -> int:
        """The quarter turns of the scan, clockwise, in degrees: 0, 90, 180 or 270."""
        return round(self.degrees / 90) % 4 * 90

    @property
    def dots_per_inch(self) -> float:
        return 25.4 * hypot(self.matrix[0, 0], self.matrix[1, 0])

    def place(self, across: float, down: float) -> Point:
        x, y = self.matrix @ (across, down, 1.0)
        return float(x), float(y)

    def cut(self, page: Grey, area: Area, dots: int = DOTS) -> Grey:
        """An area of the printed page, upright, at so many dots a millimetre."""
        to_scan = self.matrix @ [[1 / dots, 0, area.left], [0, 1 / dots, area.top], [0, 0, 1]]
        size = max(1, round(area.width * dots)), max(1, round(area.height * dots))
        image = Image.fromarray(page).transform(
            size, Image.Transform.AFFINE, tuple(to_scan.ravel()), Image.Resampling.BILINEAR, fillcolor=255
        )
        return np.asarray(image)

    def frame(self, page: Grey, area: Area) -> Frame:
        """The area's upright bounds on the scan."""
        points = [self.place(*corner) for corner in area.corners]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        height, width = page.shape
        return Frame(
            left=left / width,
            top=top / height,
            width=(max(x for x, _ in points) - left) / width,
            height=(max(y for _, y in points) - top) / height,
        )


def part_of(cut: Grey, area: Area, dots: int = DOTS) -> Grey:
    """An area inside what was cut out, in millimetres of the cut."""
    top, left = round(area.top * dots), round(area.left * dots)
    return cut[top : top + round(area.height * dots), left : left + round(area.width * dots)]


def register(page: Grey, symbols: list[Symbol]) -> Registration | None:
    """Where the printed page lies, from one of its codes or better from both; None without any."""
    same = [symbol for symbol in symbols if symbol.text == symbols[0].text]
    if not same:
        return None
    corners = {_corner_of(page, symbol): symbol for symbol in same}
    rough = _fitted(corners)
    if len(corners) == 1:
        corners |= _found_near(page, rough, corners)
    return _fitted(corners)


def _corner_of(page: Grey, symbol: Symbol) -> Area:
    """A code in the top right corner has the middle of the page to its lower left, in its own directions."""
    (left, top), (right, along) = symbol.corners[0], symbol.corners[1]
    towards = page.shape[1] / 2 - symbol.centre[0], page.shape[0] / 2 - symbol.centre[1]
    across = right - left, along - top
    down = symbol.corners[3][0] - left, symbol.corners[3][1] - top
    inwards = (down[0] - across[0]) * towards[0] + (down[1] - across[1]) * towards[1]
    return TOP_RIGHT if inwards > 0 else BOTTOM_LEFT


def _found_near(page: Grey, rough: Registration, corners: dict[Area, Symbol]) -> dict[Area, Symbol]:
    """The other code, looked for where it must be: on a small piece every filter is cheap."""
    ((known, symbol),) = corners.items()
    missing = BOTTOM_LEFT if known == TOP_RIGHT else TOP_RIGHT
    places = [rough.place(*corner) for corner in missing.within(-NEARBY).corners]
    left, top = (max(0, int(min(place[axis] for place in places))) for axis in (0, 1))
    right, bottom = (int(max(place[axis] for place in places)) for axis in (0, 1))
    piece = np.ascontiguousarray(page[top:bottom, left:right])
    if min(piece.shape) < CODE:
        return {}
    is_same: Callable[[str], bool] = symbol.text.__eq__
    found = symbols_on(piece, is_same)
    return {missing: found[0].moved(left, top)} if found else {}


def _fitted(corners: dict[Area, Symbol]) -> Registration:
    """The least-squares map: any affine one from two codes, only a turn and a scale from one."""
    printed = np.array([point for area in corners for point in area.corners])
    scanned = np.array([point for symbol in corners.values() for point in symbol.corners])
    if len(corners) == 1:
        return Registration(matrix=_similarity(printed, scanned), codes=1)
    against = np.column_stack([printed, np.ones(len(printed))])
    solution = np.linalg.lstsq(against, scanned, rcond=None)[0]
    return Registration(matrix=solution.T, codes=len(corners))


def _similarity(printed: NDArray[np.float64], scanned: NDArray[np.float64]) -> NDArray[np.float64]:
    flat, seen = (points @ [1, 1j] for points in (printed, scanned))
    centre, middle = flat.mean(), seen.mean()
    turn = np.vdot(flat - centre, seen - middle) / np.vdot(flat - centre, flat - centre).real
    shift = middle - turn * centre
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
