"""A printed register number on a page that is not ours."""

import numpy as np
import pytest

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.names import number_by_name
from lti_tool.scans.readers.printed import Line, names_in, number_in, upper_of
from lti_tool.scans.readers.readings import Reading

PAGE = np.full((1000, 700), 255, np.uint8)
PATTERN = "[0-9]{12}"
NUMBER = "230521100147"


def line(text: str, sure: float = 0.9) -> Line:
    return text, sure, (70.0, 100.0, 350.0, 120.0)


def read(*lines: tuple[str, float]) -> Reading | None:
    return number_in([line(*one) for one in lines], PATTERN, PAGE, "an engine")


def test_the_one_number_is_claimed_with_its_place() -> None:
    found = read(("Reg. No: 230521100147", 0.97), ("Biology", 0.9))
    assert found is not None and (found.kind, found.claim, found.score) == (EvidenceKind.PRINTED, NUMBER, 0.97)
    assert found.frame is not None and (found.frame.left, found.frame.top) == (0.1, 0.1)


def test_two_numbers_claim_nothing() -> None:
    assert read((NUMBER, 0.9), ("230521100148", 0.9)) is None


def test_a_longer_number_is_not_cut_down_to_the_pattern() -> None:
    assert read((NUMBER + "5", 0.99)) is None


def test_what_the_engine_doubts_claims_nothing() -> None:
    assert read((NUMBER, 0.5)) is None


def test_only_the_upper_part_of_the_page_is_looked_at() -> None:
    assert upper_of(PAGE).shape == (350, 700)


def test_lines_that_may_be_names_are_kept_and_no_others() -> None:
    lines = [line("Anna Müller"), line("Room 12 B"), line("Biology"), line("x " * 40), line("Jo Doe", 0.3)]
    assert names_in(lines) == ["Anna Müller"]


@pytest.mark.parametrize("printed", ["Anna Müller", "MULLER, Anna", "Name: Anna Maria Müller"])
def test_a_whole_name_in_one_line_is_its_students_number(printed: str) -> None:
    assert number_by_name(["Final exam", printed], {"1": "Anna Müller", "2": "Anna Meier"}) == "1"


@pytest.mark.parametrize("printed", ["Müller", "Anna", "Anna Meier Müller", ""])
def test_half_a_name_or_two_names_are_nobodys(printed: str) -> None:
    assert number_by_name([printed], {"1": "Anna Müller", "2": "Anna Meier", "3": "Anna"}) is None
