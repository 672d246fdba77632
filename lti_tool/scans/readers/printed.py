"""Find a printed or typed register number or name in the upper part of a page: for booklets and stickers that are not
ours (scans.md 4.2).

RapidOCR reads it where the extra `ocr` is installed. It is a machine reading of text: never enough by itself.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lti_tool.content.extraction.recognition import PARAMETERS
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.names import words_of
from lti_tool.scans.readers.readings import Frame, Reading

UPPER = 0.35
"""The share of a page in which people look for a number."""
SURE = 0.8
"""Lines that the engine doubts more claim nothing."""

Line = tuple[str, float, tuple[float, float, float, float]]
"""A text, how sure the engine is, and its bounds in dots: left, top, right, bottom."""
MOST_LINES, LONGEST_NAME = 8, 60


def upper_of(page: Grey) -> Grey:
    """Where a number and a name stand."""
    return np.ascontiguousarray(page[: max(1, round(page.shape[0] * UPPER))])


def number_in(lines: Sequence[Line], pattern: str, page: Grey, engine: str) -> Reading | None:
    """The one register number that is printed there; None for none or several. `engine` names who recognised it."""
    found = {
        text: (sure, bounds)
        for line, sure, bounds in lines
        for text in re.findall(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", line, re.ASCII)
        if sure >= SURE
    }
    if len(found) != 1:
        return None
    ((claim, (sure, (left, top, right, bottom))),) = found.items()
    height, width = page.shape
    return Reading(
        kind=EvidenceKind.PRINTED,
        claim=claim,
        score=sure,
        version=engine,
        frame=Frame(left=left / width, top=top / height, width=(right - left) / width, height=(bottom - top) / height),
    )


def names_in(lines: Sequence[Line]) -> list[str]:
    """The lines that may hold a name: a few words and no digit; the roster says whose (readers/names.py)."""
    may = [text for text, sure, _bounds in lines if sure >= SURE and _may_be_a_name(text)]
    return may[:MOST_LINES]


def _may_be_a_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and not any(sign.isdigit() for sign in text) and len(words_of(text)) > 1


def recognise_lines(picture: Grey) -> list[Line]:
    """The lines of a picture by RapidOCR; asked only where `recognition.is_installed` says that it is there."""
    found = _engine()(np.repeat(picture[:, :, None], 3, axis=2))
    if found.txts is None:
        return []
    return [
        (text, float(sure), _bounds(np.asarray(corners)))
        for text, sure, corners in zip(found.txts, found.scores, found.boxes, strict=True)
    ]


def _bounds(corners: NDArray[Any]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


@cache
def _engine() -> Any:
    # The engine is optional, and heavy for a process that reads no scan.
    from rapidocr import RapidOCR

    return RapidOCR(params=PARAMETERS)


@cache
def engine_version() -> str:
    """Who `recognise_lines` is."""
    return f"rapidocr {version('rapidocr')}"
