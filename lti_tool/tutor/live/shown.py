"""What of an answer's finished part is shown: its text, and where its links may lead."""

from dataclasses import dataclass

from lti_tool.web.markdown import Links


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A part of an answer as it may be shown; without `links` they lead anywhere."""

    text: str
    links: Links | None = None


def as_written(block: str) -> Shown:
    """Nothing to compare with."""
    return Shown(text=block)
