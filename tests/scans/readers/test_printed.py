"""A printed register number on a page that is not ours."""

import numpy as np

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.printed import Line, read_printed
from lti_tool.scans.readers.readings import Reading

PAGE = np.full((1000, 700), 255, np.uint8)
PATTERN = "[0-9]{12}"
NUMBER = "230521100147"


def read(*lines: tuple[str, float]) -> Reading | None:
    seen: list[Line] = [(text, sure, (70.0, 100.0, 350.0, 120.0)) for text, sure in lines]
    return read_printed(PAGE, PATTERN, lambda _upper: seen, "an engine")


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
    heights: list[int] = []
    read_printed(PAGE, PATTERN, lambda upper: heights.append(len(upper)) or [], "an engine")  # type: ignore[func-returns-value]
    assert heights == [350]
