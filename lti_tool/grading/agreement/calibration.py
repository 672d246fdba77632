"""How much the assistant's confidence is worth here: measured on suggestions that a person has since decided about."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.curves import Curve, fit, read_off
from lti_tool.grading.agreement.pairs import all_pairs

NEEDED = 30
"""Suggestions on criteria that were decided about."""
EACH = 5
"""So many of them right, and so many wrong."""
SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`known` suggestions were decided about, `right` of them as they stood; no curve while that is too little."""

    known: int
    right: int
    curve: Curve | None

    @property
    def missing(self) -> int:
        """How many suggestions are still to be decided about."""
        return max(0, NEEDED - self.known)

    def of(self, raw: float) -> float:
        """The share of such suggestions that were right; the raw confidence where nothing is known yet."""
        return raw if self.curve is None else read_off(self.curve, raw)


def calibration_of(session: Session, placement: Placement) -> Calibration:
    """Fitted anew from what is approved; use one for a whole page."""
    decided = [
        (pair.confidence[name], abs(said - approved) < SAME)
        for pair in all_pairs(session, placement)
        for name, (said, approved) in pair.criteria.items()
    ]
    right = sum(was_right for _, was_right in decided)
    is_enough = len(decided) >= NEEDED and min(right, len(decided) - right) >= EACH
    curve = fit(*zip(*decided, strict=True)) if is_enough else None
    return Calibration(known=len(decided), right=right, curve=curve)
