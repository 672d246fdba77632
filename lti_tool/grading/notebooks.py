"""The cells of a notebook as its readers see them: what was written, the code, and what it printed.

Nothing in it is run or rendered. A model, the second opinion and the desk all read these parts, never the file's JSON.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SUFFIX = ".ipynb"
MOST_CELLS = 500
LONGEST_OUTPUT = 5_000


class CellPart(StrEnum):
    """What a stretch of a notebook's text is. A picture is a line that says so."""

    HEAD = "head"
    CODE = "code"
    TEXT = "text"
    OUTPUT = "output"
    PICTURE = "picture"


@dataclass(frozen=True, kw_only=True)
class CellLine:
    """A line of a cell's part, by its number from 1; heads have none."""

    cell: int
    part: CellPart
    line: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """`output` is text alone: pictures in a notebook are said to be there."""

    number: int
    is_code: bool
    text: str
    output: str = ""
    pictures: int = 0


def is_notebook(name: str) -> bool:
    return name.lower().endswith(SUFFIX)


def cells_of(name: str, text: str) -> list[Cell]:
    """The cells in their order; none where the file is no notebook that can be read."""
    if not is_notebook(name):
        return []
    try:
        cells = json.loads(text)["cells"]
        return [_cell(number, cell) for number, cell in enumerate(cells[:MOST_CELLS], start=1)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def lines_of(cells: Sequence[Cell]) -> Iterator[CellLine]:
    """The cells one after another, each under a head that counts it."""
    for cell in cells:
        part = CellPart.CODE if cell.is_code else CellPart.TEXT
        yield CellLine(cell=cell.number, part=CellPart.HEAD, line=None, text=f"Cell {cell.number}, {part}:")
        yield from _lines(cell, part, cell.text)
        if cell.output.strip():
            yield CellLine(cell=cell.number, part=CellPart.HEAD, line=None, text=f"Printed by cell {cell.number}:")
            yield from _lines(cell, CellPart.OUTPUT, cell.output)
        for number in range(1, cell.pictures + 1):
            yield CellLine(cell=cell.number, part=CellPart.PICTURE, line=number, text="(a picture)")


def _lines(cell: Cell, part: CellPart, text: str) -> Iterator[CellLine]:
    for number, line in enumerate(text.replace("\r\n", "\n").rstrip("\n").split("\n"), start=1):
        yield CellLine(cell=cell.number, part=part, line=number, text=line)


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    outputs = [output for output in cell.get("outputs") or [] if isinstance(output, dict)]
    printed = "".join(_printed(output) for output in outputs)
    return Cell(
        number=number,
        is_code=cell.get("cell_type") == "code",
        text=_joined(cell.get("source")),
        output=printed[:LONGEST_OUTPUT],
        pictures=sum(1 for output in outputs if _has_picture(output)),
    )


def _printed(output: dict[str, Any]) -> str:
    if "text" in output:
        return _joined(output["text"])
    if "traceback" in output:
        return f"{output.get('ename', '')}: {output.get('evalue', '')}\n"
    return _joined((output.get("data") or {}).get("text/plain"))


def _has_picture(output: dict[str, Any]) -> bool:
    return any(str(kind).startswith("image/") for kind in output.get("data") or {})


def _joined(source: object) -> str:
    """Notebooks keep a text as one string or as its lines."""
    if isinstance(source, Sequence) and not isinstance(source, str):
        return "".join(str(line) for line in source)
    return source if isinstance(source, str) else ""
