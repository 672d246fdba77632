"""What a teacher says about a task after it was placed: its text in Markdown, when it is due, and what late means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.options import lock_options
from lti_tool.grading.rules import HandInRules, Lateness, change_rules
from lti_tool.grading.task.zones import UNIVERSAL, checked_zone, keep_zone

LONGEST_TEXT = 20_000


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """A filled-in form."""

    text: str
    due_at: datetime | None
    zone: str = UNIVERSAL
    rules: HandInRules = field(default_factory=HandInRules)


def change_task(session: Session, viewer: Viewer, placement: Placement, settings: TaskSettings) -> None:
    """Keep the settings. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    text = settings.text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput(
            "task_too_long", "The text of a task has at most %(longest)s characters.", {"longest": LONGEST_TEXT}
        )
    lock_options(session, placement)
    placement.description = text
    placement.due_at = settings.due_at
    keep_zone(placement, checked_zone(settings.zone))
    change_rules(placement, settings.rules)
    session.flush()
    audit.by(
        session,
        viewer,
        "task.changed",
        object_type="placement",
        object_id=placement.id,
        details={"characters": len(text)},
    )


def read_rules(fields: Mapping[str, str]) -> HandInRules:
    """The rules of a form; empty fields set no bound. Raises InvalidInput."""
    try:
        lateness = Lateness(fields.get("lateness", Lateness.MARKED))
    except ValueError as error:
        raise InvalidInput("hand_in_rule_refused", "Choose what a late work is.") from error
    percent = _whole(fields, "percent")
    return HandInRules(
        lateness=lateness,
        percent_per_day=HandInRules.percent_per_day if percent is None else percent,
        days_open=_whole(fields, "days-open"),
        most_attempts=_whole(fields, "attempts"),
    )


def _whole(fields: Mapping[str, str], name: str) -> int | None:
    text = fields.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise InvalidInput("hand_in_rule_refused", "Write days, attempts and percentages as whole numbers.")
    return int(text) if text else None
