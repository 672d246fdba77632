"""Bars stand on the floor and end below the ceiling."""

import pytest

from lti_tool.analytics.chart import CEILING, FLOOR, WIDTH, bar_chart, round_top


@pytest.mark.parametrize(("largest", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (999, 1000)])
def test_the_scale_ends_at_a_round_number(largest: int, top: int) -> None:
    assert round_top(largest) == top


def test_bars_are_as_high_as_their_values_say() -> None:
    chart = bar_chart([0, 5, 10])
    assert [bar.height for bar in chart.bars] == [0, (FLOOR - CEILING) / 2, FLOOR - CEILING]
    assert all(bar.y + bar.height == FLOOR for bar in chart.bars)


def test_bars_stay_inside_the_drawing() -> None:
    bars = bar_chart([1] * 30).bars
    assert bars[0].x >= 0 and bars[-1].x + bars[-1].width <= WIDTH


def test_nothing_makes_an_empty_chart() -> None:
    assert bar_chart([]).bars == []
