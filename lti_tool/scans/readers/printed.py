"""Find a printed or typed register number in the upper part of a page: for booklets that are not ours (scans.md 4.2).

RapidOCR reads it where the extra `ocr` is installed. It is a machine reading of text: never enough by itself.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lti_tool.content.extraction.recognition import PARAMETERS
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.readings import Frame, Reading

UPPER = 0.35
"""The share of a page in which people look for a number."""
SURE = 0.8
"""Lines that the engine doubts more claim nothing."""

Line = tuple[str, float, tuple[float, float, float, float]]
"""A text, how sure the engine is, and its bounds in dots: left, top, right, bottom."""
Recognise = Callable[[Grey], list[Line]]


def read_printed(page: Grey, pattern: str, recognise: Recognise, engine: str) -> Reading | None:
    """The one register number that is printed there; None for none or several. `engine` names who recognised it."""
    upper = np.ascontiguousarray(page[: max(1, round(page.shape[0] * UPPER))])
    found = {
        text: (sure, bounds)
        for line, sure, bounds in recognise(upper)
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
