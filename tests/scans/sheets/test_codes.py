"""What a page code says, and that nobody else's text is believed."""

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark, new_serial, read_code
from lti_tool.secrets import Secrets

OURS, THEIRS = (Secrets(app_key=key, fernet=Fernet(Fernet.generate_key())) for key in ("ours", "theirs"))
CODE = SheetCode(exam=exam_mark(UUID(int=1)), serial="ABC2345", page=7)


def test_a_code_reads_as_the_page_it_was_made_for() -> None:
    assert read_code(OURS, code_text(OURS, CODE)) == CODE


def test_a_code_fits_a_symbol_of_25_modules_and_says_nothing_about_a_student() -> None:
    text = code_text(OURS, CODE)
    assert len(text) == 26
    assert text.startswith(f"X1{CODE.exam}ABC234507")


@pytest.mark.parametrize("place", range(26))
def test_a_code_with_one_other_character_is_not_believed(place: int) -> None:
    text = code_text(OURS, CODE)
    other = "3" if text[place] != "3" else "4"
    assert read_code(OURS, text[:place] + other + text[place + 1 :]) is None


def test_the_code_of_another_installation_is_not_believed() -> None:
    assert read_code(OURS, code_text(THEIRS, CODE)) is None


@pytest.mark.parametrize("text", ["", "X1", "https://example.org/", "X1" + "A" * 24])
def test_any_other_text_is_not_a_page_code(text: str) -> None:
    assert read_code(OURS, text) is None


def test_every_page_and_exam_has_a_code_of_its_own() -> None:
    others = [CODE, replace(CODE, page=8), replace(CODE, serial="ABC2346"), replace(CODE, exam="QQQQQ")]
    assert len({code_text(OURS, code) for code in others}) == 4


def test_serials_are_drawn_by_lot() -> None:
    assert len({new_serial() for _ in range(200)}) == 200


def test_people_read_the_serial_in_two_groups_and_the_page() -> None:
    assert CODE.readable == "ABC 2345 / 7"
