"""Days in forms and addresses, in UTC."""

from datetime import date

from lti_tool.errors import InvalidInput

FIRST, LAST = 1970, 9000
"""Years beyond which counting days would leave the calendar."""


def parse_day(text: str) -> date | None:
    """A day of a form's date field; raises InvalidInput."""
    malformed = InvalidInput("day_malformed", "Write a day as year, month and day: 2026-11-21.")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise malformed from error
    if day is not None and not FIRST <= day.year <= LAST:
        raise malformed
    return day
