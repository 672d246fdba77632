"""Agreement against values worked out elsewhere: scikit-learn's weighted kappa, and cases that speak for themselves."""

import random

import pytest
from sklearn.metrics import cohen_kappa_score

from lti_tool.grading.agreement.statistics import Pair, agreement, confusion, interval, place_of, weighted_kappa

MARKS = [0.0, 1.0, 2.0, 3.0]


def graded(count: int, *, likeness: float, seed: int = 1) -> list[Pair]:
    """Pairs of whole marks, of which this share are the same."""
    drawn = random.Random(seed)
    pairs = []
    for _ in range(count):
        approved = drawn.choice(MARKS)
        pairs.append((approved if drawn.random() < likeness else drawn.choice(MARKS), approved))
    return pairs


@pytest.mark.parametrize("likeness", [0.0, 0.5, 0.9])
def test_kappa_is_the_one_that_everybody_computes(likeness: float) -> None:
    pairs = graded(60, likeness=likeness)
    said, approved = ([int(mark) for mark in column] for column in zip(*pairs, strict=True))
    assert weighted_kappa(pairs) == pytest.approx(cohen_kappa_score(said, approved, weights="quadratic"))


def test_perfect_agreement_is_one_and_the_reverse_is_minus_one() -> None:
    assert weighted_kappa([(0, 0), (1, 1), (2, 2)]) == pytest.approx(1)
    assert weighted_kappa([(0, 2), (1, 1), (2, 0)]) == pytest.approx(-1)


def test_where_nothing_varies_kappa_says_nothing() -> None:
    assert weighted_kappa([(2, 2), (2, 2)]) is None
    assert weighted_kappa([]) is None


def test_the_interval_is_the_same_each_time_and_narrows_with_more_papers() -> None:
    few, many = (tuple(graded(count, likeness=0.7)) for count in (20, 200))
    (low, high), (lower, upper) = interval(few), interval(many)
    assert interval(few) == (low, high)
    assert low is not None and high is not None and lower is not None and upper is not None
    assert high - low > upper - lower > 0
    assert low < (weighted_kappa(few) or 0) < high


def test_exact_and_adjacent_are_counted_in_marks() -> None:
    found = agreement([(0, 0), (1, 1), (1, 2), (0, 2), (3, 0)], MARKS)
    assert found is not None
    assert (found.papers, found.exact, found.adjacent) == (5, 0.4, 0.6)


def test_of_a_handful_nothing_is_said() -> None:
    assert agreement([(0, 0), (1, 1)], MARKS) is None


def test_points_between_two_marks_count_for_the_nearer() -> None:
    assert [place_of(points, MARKS) for points in (0.4, 0.6, 2.5, 7)] == [0, 1, 2, 3]


def test_the_confusion_table_has_a_row_for_what_was_approved() -> None:
    assert confusion([(0, 0), (1, 0), (1, 1)], [0, 1]) == [[1, 1], [0, 1]]
