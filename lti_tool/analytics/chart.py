"""The geometry of a bar chart, so that the page draws it as SVG without any script."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 600
FLOOR = 140
CEILING = 2
GAP = 4


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars from left to right, and the value at which the scale ends."""

    bars: Sequence[Bar]
    top: int


def bar_chart(values: Sequence[int]) -> Chart:
    """One bar a value; the scale starts at zero and ends at a round number."""
    top = round_top(max(values, default=0))
    step = WIDTH / max(1, len(values))
    return Chart(bars=[_bar(number, value, step, top) for number, value in enumerate(values)], top=top)


def _bar(number: int, value: int, step: float, top: int) -> Bar:
    height = round(value / top * (FLOOR - CEILING), 1)
    return Bar(x=round(number * step + GAP / 2, 1), y=FLOOR - height, width=round(step - GAP, 1), height=height)


def round_top(largest: int) -> int:
    """The next 1, 2 or 5 with zeros."""
    top = 1
    while top < largest:
        top = top * 5 // 2 if str(top).startswith("2") else top * 2
    return top
