"""The local model learns what matters, holds out what it knows, and says how far off it may be."""

import random

import numpy as np
import pytest

from lti_tool.grading.second_opinion.features import Paper
from lti_tool.grading.second_opinion.kernel import likeness
from lti_tool.grading.second_opinion.learning import Prediction, by_group, predict, split

GOOD = ("chlorophyll", "absorbs", "sunlight", "glucose", "oxygen")
FILLER = ("the", "plant", "grows", "very", "green", "in", "summer", "garden", "water", "leaf", "and", "then")


def answers(count: int, seed: int = 1) -> tuple[list[Paper], list[float]]:
    """Answers whose score is how many of five words they name, in any length."""
    drawn = random.Random(seed)
    papers, scores = [], []
    for _ in range(count):
        named = drawn.sample(GOOD, drawn.randint(0, 5))
        words = named + drawn.choices(FILLER, k=drawn.randint(5, 40))
        drawn.shuffle(words)
        papers.append(Paper(text=" ".join(words), task="Explain", group="a"))
        scores.append(float(len(named)))
    return papers, scores


@pytest.fixture(scope="module")
def learnt() -> tuple[Prediction, list[float]]:
    papers, scores = answers(80)
    return predict(likeness(papers), range(50), scores[:50], split(50)), scores


def test_unseen_papers_are_told_apart(learnt: tuple[Prediction, list[float]]) -> None:
    prediction, scores = learnt
    assert np.corrcoef(prediction.expected[50:], scores[50:])[0, 1] > 0.6


def test_a_known_score_is_not_looked_up(learnt: tuple[Prediction, list[float]]) -> None:
    prediction, scores = learnt
    assert 0.5 < np.abs(prediction.expected[:50] - scores[:50]).mean() < 2


def test_about_four_papers_in_five_lie_within_the_interval(learnt: tuple[Prediction, list[float]]) -> None:
    prediction, scores = learnt
    within = np.abs(prediction.expected[50:] - scores[50:]) <= prediction.miss
    assert 0.6 <= within.mean() <= 1


def test_the_same_grades_give_the_same_opinion() -> None:
    papers, scores = answers(20)
    first, second = (predict(likeness(papers), range(15), scores[:15], split(15)) for _ in range(2))
    assert (first.expected == second.expected).all()


def test_many_valued_points_are_predicted_within_what_was_given() -> None:
    papers, scores = answers(40)
    fine = [score + place / 100 for place, score in enumerate(scores)]
    prediction = predict(likeness(papers), range(30), fine[:30], split(30))
    assert min(fine) <= prediction.expected.min() <= prediction.expected.max() <= max(fine)


def test_one_and_the_same_score_is_expected_again() -> None:
    papers, _ = answers(12)
    assert set(predict(likeness(papers), range(10), [3.0] * 10, split(10)).expected) == {3.0}


def test_each_other_task_is_held_out_whole() -> None:
    assert [list(fold) for fold in by_group(["b", "a", "b"])] == [[1], [0, 2]]


def test_papers_without_a_word_are_no_reason_to_fail() -> None:
    assert np.isfinite(likeness([Paper(text=""), Paper(text="...")])).all()
