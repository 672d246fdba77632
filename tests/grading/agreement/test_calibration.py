"""What the assistant's confidence is worth, from little and from much."""

import random
from itertools import pairwise

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.calibration import NEEDED, calibration_of
from lti_tool.grading.agreement.curves import MUCH, Curve, fit, read_off
from tests.fixtures.people import House
from tests.grading.agreement.conftest import Propose
from tests.grading.conftest import Classroom, Mark


def boastful(count: int) -> Curve:
    """Says from .5 to 1, and is right in half as many cases as it says."""
    drawn = random.Random(2)
    said = [drawn.uniform(0.5, 1) for _ in range(count)]
    return fit(said, [drawn.random() < confidence / 2 for confidence in said])


@pytest.mark.parametrize("count", [60, MUCH * 3])
def test_who_says_too_much_is_believed_less(count: int) -> None:
    curve = boastful(count)
    assert read_off(curve, 0.9) == pytest.approx(0.45, abs=0.15)


@pytest.mark.parametrize("count", [60, MUCH * 3])
def test_more_confidence_is_never_believed_less(count: int) -> None:
    shares = [read_off(boastful(count), confidence / 10) for confidence in range(11)]
    assert all(before <= after for before, after in pairwise(shares))


def test_who_is_right_when_unsure_and_wrong_when_sure_is_believed_alike() -> None:
    curve = fit([0.2] * 20 + [0.9] * 20, [True] * 20 + [False] * 20)
    assert read_off(curve, 0.2) == pytest.approx(read_off(curve, 0.9))


def test_steps_are_pooled_as_worked_out_by_hand() -> None:
    said = [0.2] * 70 + [0.4] * 70 + [0.8] * 70
    right = [True] * 35 + [False] * 35 + [True] * 21 + [False] * 49 + [True] * 63 + [False] * 7
    confidences, shares = zip(*fit(said, right), strict=True)
    assert confidences == (0.2, 0.4, 0.8)
    assert shares == pytest.approx((0.4, 0.4, 0.9))


def test_until_enough_was_decided_the_raw_confidence_stands(house: House, activity: Placement) -> None:
    found = calibration_of(house.session, activity)
    assert (found.known, found.missing, found.curve) == (0, NEEDED, None)
    assert found.of(0.9) == 0.9


def test_decided_suggestions_calibrate(
    house: House, activity: Placement, classroom: Classroom, marked: Mark, proposed: Propose
) -> None:
    for number, work in enumerate(classroom(*["answer"] * (NEEDED // 2))):
        proposed(work, clarity=3, reasons=5, confidence="0.9")
        marked(work, clarity="3" if number % 2 else "1", reasons="5" if number % 3 else "2", approved=True)
    found = calibration_of(house.session, activity)
    assert (found.known, found.right) == (NEEDED, 17)
    assert found.of(0.9) == pytest.approx(17 / 30, abs=0.02)
