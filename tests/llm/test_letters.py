"""Letters that a server cut in halves are whole again, and what cannot be stored is replaced."""

import pytest

from lti_tool.llm.letters import Letters


def fed(*pieces: str) -> list[str]:
    letters = Letters()
    return [letters.feed(piece) for piece in pieces]


def test_whole_letters_stay_as_they_are() -> None:
    assert fed("leaf", "grün 🌱", "") == ["leaf", "grün 🌱", ""]


def test_a_letter_cut_in_two_comes_with_its_second_half() -> None:
    assert fed("a \ud83c", "\udf31 b") == ["a ", "🌱 b"]


@pytest.mark.parametrize("broken", ["\ud83cb", "b\udf31c", "\x00"])
def test_what_is_no_letter_can_be_stored_and_sent(broken: str) -> None:
    [text] = fed(broken)
    assert "\ufffd" in text
    assert text.encode().decode() == text
    assert "\x00" not in text


def test_a_half_without_its_other_half_is_replaced_when_something_else_follows() -> None:
    assert fed("\ud83c", "b") == ["", "\ufffdb"]
