"""Which questions count as one."""

import pytest

from lti_tool.tutor.escalation.same_question import are_alike, fingerprint_of, stems_of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("What is osmosis?", "what is  OSMOSIS"),
        ("Wo ist die Prüfung?", "wo ist die prufung"),
        ("什么是渗透？", "什么是渗透"),
    ],
)
def test_the_same_words_are_the_same_question(first: str, second: str) -> None:
    assert fingerprint_of(first) == fingerprint_of(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("When is the exam?", "Where is the exam?"), ("Explain task 1", "Explain task 2"), ("???", "!!!")],
)
def test_one_other_word_is_another_question(first: str, second: str) -> None:
    assert fingerprint_of(first) != fingerprint_of(second)


def test_shared_words_make_questions_alike() -> None:
    asked = stems_of("When is the exam?")
    assert are_alike(asked, stems_of("When will the exam be?"))
    assert not are_alike(asked, stems_of("What does osmosis mean for plants?"))
    assert not are_alike(stems_of("???"), stems_of("!!!"))
