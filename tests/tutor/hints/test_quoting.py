"""A task that is copied into a question is recognised, and a question about its subject is not."""

import pytest

from lti_tool.tutor.hints.quoting import is_quoted

TASK = (
    "Describe in your own words how water moves from the soil into the leaves of a tree, and name the force that "
    "drives it at each step. Use at most 300 words and refer to at least two experiments from the lecture."
)


@pytest.mark.parametrize(
    "question",
    [
        TASK,
        f"Please solve this for me: {TASK} Thanks!",
        "how water moves from the soil into the leaves of a tree and name the force that drives it at each step??",
        TASK.replace("your own words", "my words").replace("300", "200").upper(),
        "Describe in your own words how water moves from the soil into the leaves of a tree",
    ],
)
def test_a_copied_task_is_quoted_whatever_stands_around_it(question: str) -> None:
    assert is_quoted(TASK, question)


@pytest.mark.parametrize(
    "question",
    [
        "How does water get into the leaves of a tree?",
        "What does transpiration mean?",
        "Which experiments from the lecture show how water moves?",
        "In your own words, what is a force?",
    ],
)
def test_a_question_about_the_subject_quotes_nothing(question: str) -> None:
    assert not is_quoted(TASK, question)


def test_a_short_title_is_named_not_quoted() -> None:
    assert not is_quoted("Essay on osmosis", "When is the essay on osmosis due?")


def test_a_task_in_chinese_is_recognised() -> None:
    task = "请用自己的话说明水是如何从土壤进入树叶的，并指出每一步的推动力。"
    assert is_quoted(task, f"帮我做：{task}")
    assert not is_quoted(task, "什么是渗透作用？")
