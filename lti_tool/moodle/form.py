"""Arguments as PHP reads them from a form: `courseids[0]=2`, `options[0][name]=cmid`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def form_of(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every leaf of the arguments with its path; truth is 1 and 0."""
    return [pair for name, value in arguments.items() for pair in _pairs(name, value)]


def _pairs(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(f"{path}[{name}]", inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, inner in enumerate(value):
            yield from _pairs(f"{path}[{position}]", inner)
    elif isinstance(value, bool):
        yield path, "1" if value else "0"
    else:
        yield path, str(value)
