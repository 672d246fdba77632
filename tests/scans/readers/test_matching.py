"""Numbers of the roster against what was read."""

from math import inf

import pytest

from lti_tool.scans.readers.matching import Roster, loss_of, together
from tests.scans.readers.conftest import places_of

ANN, BEN, CEM = "230521100101", "230521100102", "230521100103"
ROSTER = Roster([ANN, BEN, CEM, "not a number"])


def test_the_number_that_was_written_comes_first_without_loss() -> None:
    first = ROSTER.candidates(places_of(BEN))[0]
    assert (first.number, first.loss) == (BEN, 0)


def test_a_neighbour_that_is_nearly_as_likely_leaves_a_small_margin() -> None:
    first, second = ROSTER.candidates(places_of(ANN, {11: ("2", 1.5)}), 2)
    assert (first.number, second.number) == (ANN, BEN)
    assert first.margin == pytest.approx(1.5) and second.loss == pytest.approx(1.5)


def test_a_stranger_has_a_loss_even_where_a_number_is_nearest() -> None:
    assert ROSTER.candidates(places_of("230521100109"))[0].loss > 6


def test_loss_of_a_number_of_another_form_is_infinite() -> None:
    assert [loss_of(places_of(ANN), number) for number in ("1", "23052110010x", "²³0521100101")] == [inf] * 3


def test_all_together_fit_better_than_each_alone() -> None:
    both = [places_of(ANN), places_of(ANN, {11: ("2", 0.5)})]
    assert ROSTER.assignment(both) == [ANN, BEN]


def test_more_papers_than_numbers_leave_the_worst_without_one() -> None:
    only = Roster([ANN])
    assert only.assignment([places_of(BEN), places_of(ANN)]) == [None, ANN]


def test_numbers_of_several_lengths_are_kept_apart() -> None:
    mixed = Roster([ANN, "12345"])
    assert mixed.candidates(places_of("12345"))[0].number == "12345"
    assert mixed.assignment([places_of("12345"), places_of(ANN)]) == ["12345", ANN]


def test_two_readings_together_are_surer_than_one() -> None:
    one = places_of(ANN, {11: ("2", 1.0)})
    assert ROSTER.candidates(together(one, one), 1)[0].margin == pytest.approx(2.0)


def test_readings_of_different_lengths_cannot_be_put_together() -> None:
    assert together(places_of(ANN), places_of("1")) == ()


def test_an_empty_roster_has_no_candidate() -> None:
    assert Roster([]).candidates(places_of(ANN)) == []
    assert Roster([]).assignment([places_of(ANN)]) == [None]
