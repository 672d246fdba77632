"""What a marker filled in, as one value; nothing here knows the rubric yet.

Fields: `level-<criterion>`, `points-<criterion>`, `comment-<criterion>`, `evidence-<criterion>`, `points`,
`feedback`, `rubric`, `seen`, `marks`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lti_tool.errors import InvalidInput

FIELD = re.compile(r"(level|points|comment|evidence)-([0-9]{1,18})")
NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]{1,3})?")
WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(kw_only=True)
class TickInput:
    """The marker's choice on one criterion; points set by hand come before those of the level."""

    level_id: int | None = None
    points: Decimal | None = None
    comment: str = ""
    evidence: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Marking:
    """A filled-in form: `rubric_id`, `seen` and `marks_seen` say what the marker was looking at."""

    rubric_id: int | None
    seen: int
    ticks: Mapping[int, TickInput] = field(default_factory=dict)
    points: Decimal | None = None
    feedback: str = ""
    marks_seen: str | None = None


def read_marking(fields: Mapping[str, str]) -> Marking:
    """Raises InvalidInput with a sentence for the marker."""
    ticks: dict[int, TickInput] = {}
    for name, value in fields.items():
        if found := FIELD.fullmatch(name):
            _read(ticks.setdefault(int(found[2]), TickInput()), found[1], value.strip())
    return Marking(
        rubric_id=_whole(fields.get("rubric", "")),
        seen=_whole(fields.get("seen", "")) or 0,
        ticks=ticks,
        points=_points(fields.get("points", "").strip()),
        feedback=fields.get("feedback", "").replace("\r\n", "\n").strip(),
        marks_seen=fields.get("marks"),
    )


def read_points(text: str) -> Decimal | None:
    """Points as typed, with a point or a comma; None where nothing was typed. Raises InvalidInput."""
    return _points(text.strip())


def _read(tick: TickInput, part: str, value: str) -> None:
    if part == "level":
        tick.level_id = _whole(value)
    elif part == "points":
        tick.points = _points(value)
    elif part == "comment":
        tick.comment = " ".join(value.split())
    else:
        tick.evidence = _quotes(value)


def _quotes(value: str) -> list[str]:
    """One on a line, with or without its quotation marks."""
    lines = (" ".join(line.split()).strip('“”"') for line in value.splitlines())
    return [line for line in lines if line and line.isprintable()]


def _points(value: str) -> Decimal | None:
    if not value:
        return None
    if not NUMBER.fullmatch(value):
        raise InvalidInput("points_refused", "Points are a number with at most three decimals, as 7.5.")
    return Decimal(value.replace(",", "."))


def _whole(value: str) -> int | None:
    return int(value) if WHOLE.fullmatch(value) else None
