"""What the number of words alone says."""

import pytest

from lti_tool.grading.second_opinion.length import by_length, pull_of_length


def test_scores_that_follow_the_length_are_predicted_and_others_are_not() -> None:
    words = [10, 20, 40, 80, 160]
    assert by_length(words, [1, 2, 3, 4, 5]) == pytest.approx([1, 2, 3, 4, 5], abs=0.5)
    assert by_length(words, [3, 1, 5, 1, 3]) != pytest.approx([3, 1, 5, 1, 3], abs=1)


def test_no_score_predicts_itself() -> None:
    assert by_length([10, 10, 10], [0, 0, 3])[2] == pytest.approx(0, abs=1e-6)


def test_length_pulls_up_down_or_not_at_all() -> None:
    words = [10, 20, 40]
    assert pull_of_length(words, [1, 2, 3]) > 0.9
    assert pull_of_length(words, [3, 2, 1]) < -0.9
    assert pull_of_length(words, [2, 2, 2]) == 0
