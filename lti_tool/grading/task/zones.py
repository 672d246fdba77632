"""In which time zone a due date is meant: kept with the activity, so that it reads the same for whoever opens it.

Moments are stored in UTC. Without scripts nothing tells where a reader sits, so the zone is chosen, and always shown.
"""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput

KEY = "due_zone"
UNIVERSAL = "UTC"
CONTINENTS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
    *("Australia", "Europe", "Indian", "Pacific"),
)
FORM = "%Y-%m-%dT%H:%M"
"""As a field for date and time has it."""


@cache
def zones() -> tuple[str, ...]:
    """All that can be chosen: the world's by continent and place."""
    return UNIVERSAL, *sorted(name for name in available_timezones() if name.split("/")[0] in CONTINENTS)


def kept_zone(placement: Placement) -> str | None:
    """The zone in which the due date was given; None where none was, or where the platform gave it."""
    kept = placement.options.get(KEY)
    return kept if kept in zones() else None


def usual_zone(session: Session, placement: Placement) -> str | None:
    """The zone of this activity, else the one that was chosen last in its course."""
    kept = kept_zone(placement)
    if kept is not None:
        return kept
    others = select(Placement).where(Placement.course_id == placement.course_id).order_by(Placement.created_at.desc())
    return next((zone for other in session.scalars(others) if (zone := kept_zone(other))), None)


def keep_zone(placement: Placement, zone: str) -> None:
    """The placement's options are locked by whoever changes the task."""
    placement.options = placement.options | {KEY: zone}


def read_moment(typed: str, zone: str) -> datetime | None:
    """A date and time of a form, in UTC. Raises InvalidInput."""
    if not typed.strip():
        return None
    try:
        moment = datetime.fromisoformat(typed.strip())
    except ValueError as error:
        raise InvalidInput("due_refused", "Give the date and time as 2027-05-31 23:59.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(checked_zone(zone)))
    return moment.astimezone(UTC)


def checked_zone(zone: str) -> str:
    """Raises InvalidInput for a name that is none."""
    if zone not in zones():
        raise InvalidInput("zone_unknown", "Choose a time zone.")
    return zone


def in_zone(moment: datetime, zone: str | None) -> datetime:
    """The same moment by the clocks there."""
    return moment.astimezone(ZoneInfo(zone or UNIVERSAL))
