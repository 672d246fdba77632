"""When work may be handed in: attempts, lateness and the last moment, as the teacher decided for an activity.

Kept with the placement, and relative to the due date, so that a copied course has no date of last year. A percentage is
a suggestion to the marker: no rule here ever takes a point away.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.site_settings.patterns import N_

KEY = "handing_in"
MOST_DAYS = 365
MOST_ATTEMPTS = 50
DAY = timedelta(days=1)


class Lateness(StrEnum):
    """What a due date means."""

    UNMARKED = "unmarked"
    MARKED = "marked"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class HandInRules:
    """`days_open` after the due date nothing is taken any more; None leaves the activity open."""

    lateness: Lateness = Lateness.MARKED
    percent_per_day: int = 10
    days_open: int | None = None
    most_attempts: int | None = None


@dataclass(frozen=True, kw_only=True)
class LateSuggestion:
    """What the rule would take off; the marker decides."""

    days: int
    percent: int


def rules_of(placement: Placement) -> HandInRules:
    """What the placement says; where it says nothing, late work is taken and marked late."""
    kept: Mapping[str, Any] = placement.options.get(KEY) or {}
    known = {name: kept[name] for name in HandInRules.__dataclass_fields__ if name in kept}
    return HandInRules(**known | {"lateness": Lateness(known.get("lateness", Lateness.MARKED))})


def change_rules(placement: Placement, rules: HandInRules) -> None:
    """Raises InvalidInput where a number is out of range."""
    _require(1 <= rules.percent_per_day <= 100, N_("A percentage is a whole number from 1 to 100."))
    _require(rules.days_open is None or 0 <= rules.days_open <= MOST_DAYS, N_("Days are a whole number from 0 to 365."))
    _require(
        rules.most_attempts is None or 1 <= rules.most_attempts <= MOST_ATTEMPTS,
        N_("Attempts are a whole number from 1 to 50."),
    )
    placement.options = placement.options | {KEY: asdict(rules)}


def closes_at(placement: Placement) -> datetime | None:
    """The last moment; None where there is none."""
    days = rules_of(placement).days_open
    return placement.due_at + days * DAY if placement.due_at is not None and days is not None else None


def is_late(placement: Placement, moment: datetime) -> bool:
    """Whether work of that moment is marked late."""
    is_past = placement.due_at is not None and moment > placement.due_at
    return is_past and rules_of(placement).lateness is not Lateness.UNMARKED


def late_suggestion(placement: Placement, submitted_at: datetime | None) -> LateSuggestion | None:
    """What a marker might take off for lateness; None where the rule says nothing."""
    rules = rules_of(placement)
    if rules.lateness is not Lateness.PERCENT or submitted_at is None or not is_late(placement, submitted_at):
        return None
    # A day that has begun counts: -(-a // b) rounds up.
    days = -((placement.due_at - submitted_at) // DAY) if placement.due_at else 0
    return LateSuggestion(days=days, percent=min(100, days * rules.percent_per_day))


def _require(is_fine: bool, message: str) -> None:
    if not is_fine:
        raise InvalidInput("hand_in_rule_refused", message)
