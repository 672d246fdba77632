"""Chunks stay short, on one page, under one heading, and lose nothing."""

import pytest

from lti_tool.content.chunking import AIM, LONGEST, pieces_of, split
from tests.content.conftest import sections


def words(count: int) -> str:
    return " ".join(f"word{number}" for number in range(count))


def test_a_short_text_is_one_chunk() -> None:
    assert split("One.\n\nTwo.", AIM) == ["One.\n\nTwo."]


def test_a_text_is_cut_at_blank_lines_first() -> None:
    first, second = "a b. " * 8, "c d. " * 8
    assert split(f"{first}\n\n{second}", 60) == [first.strip(), second.strip()]


def test_a_paragraph_that_is_too_long_is_cut_at_sentences() -> None:
    assert split("First one here. Second one here. Third one.", 33) == [
        "First one here. Second one here.",
        "Third one.",
    ]


def test_chinese_sentences_are_cut_without_spaces() -> None:
    assert split("光合作用需要光。细胞分裂。", 10) == ["光合作用需要光。", "细胞分裂。"]


@pytest.mark.parametrize("text", ["x" * 20_000, words(9000), "line\n" * 9000, "。" * 9000])
def test_no_chunk_is_longer_than_the_limit_and_nothing_is_lost(text: str) -> None:
    parts = split(text.strip(), AIM)
    assert max(map(len, parts)) <= AIM <= LONGEST
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_chunk_never_spans_two_pages() -> None:
    assert [(piece.position, piece.page) for piece in pieces_of(sections("One.", "Two."))] == [(0, 1), (1, 2)]


def test_the_same_text_on_another_page_is_the_same_chunk_but_not_under_another_heading() -> None:
    first, second = pieces_of(sections("Same.", "Same."))
    other = pieces_of(sections("Same.", heading="Other"))[0]
    assert first.sha256 == second.sha256 != other.sha256
