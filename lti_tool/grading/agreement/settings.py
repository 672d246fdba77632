"""The teacher sets the bar, the size of the sample, and whether drift may switch drafts off."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.grading.agreement.models import LARGEST_SIZE, SMALLEST_SIZE, Gate


@dataclass(frozen=True, kw_only=True)
class GateForm:
    """What the form says."""

    bar: Decimal
    sample_size: int
    is_drift_watched: bool


def read_gate(fields: Mapping[str, str]) -> GateForm:
    """Raises InvalidInput."""
    return GateForm(
        bar=_bar(fields.get("bar", "")),
        sample_size=_size(fields.get("sample_size", "")),
        is_drift_watched=fields.get("drift") == "yes",
    )


def set_gate(session: Session, viewer: Viewer, placement: Placement, chosen: GateForm) -> Gate:
    """Keep the choice; what it was before stays in the audit."""
    viewer.require(Capability.MANAGE)
    gate = session.get(Gate, placement.id)
    before = _words(gate) if gate else {}
    if gate is None:
        gate = Gate(placement_id=placement.id)
        session.add(gate)
    gate.bar, gate.sample_size, gate.is_drift_watched = chosen.bar, chosen.sample_size, chosen.is_drift_watched
    gate.changed_by_id, gate.changed_at = viewer.person_id, now()
    session.flush()
    audit.by(
        session,
        viewer,
        "agreement.gate_set",
        object_type="placement",
        object_id=placement.id,
        details={"before": before, "after": _words(gate)},
    )
    return gate


def _words(gate: Gate) -> dict[str, str]:
    return {"bar": f"{gate.bar:.2f}", "sample_size": str(gate.sample_size), "drift": str(gate.is_drift_watched)}


def _bar(text: str) -> Decimal:
    try:
        bar = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise InvalidInput("bar_refused", "The bar is a number from 0 to 1, as 0.70.") from error
    if not bar.is_finite() or not 0 <= bar <= 1:
        raise InvalidInput("bar_refused", "The bar is a number from 0 to 1, as 0.70.")
    return bar.quantize(Decimal("0.01"))


def _size(text: str) -> int:
    text = text.strip()
    size = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not SMALLEST_SIZE <= size <= LARGEST_SIZE:
        raise InvalidInput(
            "sample_size_refused",
            "The blind sample has from %(smallest)s to %(largest)s papers.",
            {"smallest": SMALLEST_SIZE, "largest": LARGEST_SIZE},
        )
    return size
