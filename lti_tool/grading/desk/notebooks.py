"""The cells of a notebook: what was written, the code, and what it printed; nothing in it is run or rendered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SUFFIX = ".ipynb"
MOST_CELLS = 500
LONGEST_OUTPUT = 5_000


@dataclass(frozen=True, kw_only=True)
class Cell:
    """`output` is text alone: pictures in a notebook are said to be there."""

    number: int
    is_code: bool
    text: str
    output: str = ""
    pictures: int = 0


def cells_of(name: str, text: str) -> list[Cell]:
    """The cells in their order; none where the file is no notebook that can be read."""
    if not name.lower().endswith(SUFFIX):
        return []
    try:
        cells = json.loads(text)["cells"]
        return [_cell(number, cell) for number, cell in enumerate(cells[:MOST_CELLS], start=1)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


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
