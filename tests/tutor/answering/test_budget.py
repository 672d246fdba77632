"""Passages and the open page share one budget of tokens."""

from uuid import uuid4

import pytest

from lti_tool.content.retrieval import Passage
from lti_tool.tutor.answering.budget import Material, PageBlock, cut, within_budget


def words(text: str) -> int:
    return len(text.split())


def passages(*lengths: int) -> list[Passage]:
    return [
        Passage(
            chunk_id=number, source_id=uuid4(), title="a", page=1, page_word="page", heading="", text="word " * length
        )
        for number, length in enumerate(lengths, start=1)
    ]


def fitted(*lengths: int, page: int = 0, budget: int = 100) -> Material:
    block = PageBlock(title="Week", url="https://campus.example/", text="word " * page) if page else None
    return within_budget(passages(*lengths), block, budget=budget, count=words)


@pytest.mark.parametrize(
    ("lengths", "page", "numbers"),
    [
        ([40, 40, 40], 0, [1, 2]),
        ([40, 60], 0, [1, 2]),
        ([200, 10], 0, [1]),
        ([40, 40], 30, [1]),
        ([40, 40], 20, [1, 2]),
        ([40, 10], 900, [1, 2]),
    ],
)
def test_the_best_passages_that_fit_beside_the_page_are_given(
    lengths: list[int], page: int, numbers: list[int]
) -> None:
    assert [one.number for one in fitted(*lengths, page=page).passages] == numbers


def test_a_long_page_takes_half_where_there_are_passages_and_all_where_there_are_none() -> None:
    beside, alone = fitted(10, page=900).page, fitted(page=900).page
    assert beside and alone and (words(beside.text), words(alone.text)) == (50, 100)


def test_a_cut_text_ends_with_a_sentence_where_one_ends_late_enough() -> None:
    assert cut("One two three. Four five six.", 5, words) == "One two three."
    assert cut("One. Two three four five six", 5, words) == "One. Two three four"


@pytest.mark.parametrize("text", ["", "word", "水" * 50, "no-spaces" * 20])
def test_whatever_is_cut_fits(text: str) -> None:
    assert len(cut(text, 7, len)) <= 7
