"""A teacher chooses how the activity is marked; every change is in the audit."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.options import change_marking_options, lock_options, marking_options

MOST_DAYS = 365


def choose_options(session: Session, viewer: Viewer, placement: Placement, fields: Mapping[str, str]) -> None:
    """Keep what the form says. Grades that wait keep waiting for their release. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    lock_options(session, placement)
    before = marking_options(placement)
    chosen = replace(
        before,
        is_held=fields.get("release") == "held",
        is_anonymous="anonymous" in fields,
        has_two_markers="two_markers" in fields,
        regrade_days=_days(fields.get("regrade_days", "")),
    )
    change_marking_options(placement, chosen)
    session.flush()
    names = sorted(name for name, value in asdict(chosen).items() if value != getattr(before, name))
    audit.by(
        session, viewer, "marking.options", object_type="placement", object_id=placement.id, details={"changed": names}
    )


def _days(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_DAYS):
        raise InvalidInput("days_refused", "Write a number of days from 1 to %(most)s.", {"most": MOST_DAYS})
    return int(text)
