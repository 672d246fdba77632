"""Days in forms and addresses, in UTC."""

from datetime import date

from lti_tool.errors import InvalidInput


def parse_day(text: str) -> date | None:
    """A day of a form's date field; raises InvalidInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput("day_malformed", "Write a day as year, month and day: 2026-11-21.") from error
