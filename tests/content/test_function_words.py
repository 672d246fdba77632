"""What a question is about, in languages that PostgreSQL has a stop list for and in those that it has none for."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.function_words import telling_words


@pytest.mark.parametrize(
    ("question", "telling"),
    [
        ("When should I use the MEDIAN instead of the mean?", ["use", "median", "instead", "mean"]),
        ("Was ist der Unterschied zwischen Größe und Länge?", ["unterschied", "größe", "länge"]),
        ("¿Qué es la mediana?", ["mediana"]),
        ("Bu olasılık için ne?", ["olasılık"]),
        ("光合作用是什么？", ["光合作用是什么"]),
        ("ما هي العينة؟", ["ما", "هي", "العينة"]),
        ("mean, mean, mean", ["mean"]),
    ],
)
def test_function_words_are_left_out(session: Session, question: str, telling: list[str]) -> None:
    assert telling_words(session, question) == telling


def test_a_word_is_judged_in_the_language_of_the_question(session: Session) -> None:
    assert "die" in telling_words(session, "When does the cell die?")
    assert "die" not in telling_words(session, "Wann teilt sich die Zelle?")


def test_a_question_of_nothing_but_function_words_keeps_them(session: Session) -> None:
    assert telling_words(session, "What is it?") == ["what", "is", "it"]


def test_a_word_keeps_the_diacritics_that_no_letter_has_built_in(session: Session) -> None:
    assert telling_words(session, "İstatistik") == ["i̇statistik"]


@pytest.mark.parametrize("question", ["", "??", "\x00"])
def test_no_words_are_no_words(session: Session, question: str) -> None:
    assert telling_words(session, question) == []
