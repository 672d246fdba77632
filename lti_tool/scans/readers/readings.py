"""What a machine read: a claim with its score, where it stands on the page, and who read it."""

from dataclasses import dataclass

from lti_tool.scans.pages.states import EvidenceKind

LogProbabilities = tuple[tuple[float, ...], ...]
"""For each place of a number the natural logarithms of the ten digits' probabilities."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where on the image something stands, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One claim about a page or paper; `places` lets it be matched again with another roster, without another scan.

    The claim of a page code is its text, of the others a register number. `score` is a probability.
    """

    kind: EvidenceKind
    claim: str
    score: float
    version: str
    frame: Frame | None = None
    places: LogProbabilities = ()
    is_clear: bool = True
