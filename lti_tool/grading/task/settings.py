"""What a teacher says about a task after it was placed: its text in Markdown, and when it is due."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput

LONGEST_TEXT = 20_000


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """A filled-in form."""

    text: str
    due_at: datetime | None


def change_task(session: Session, viewer: Viewer, placement: Placement, settings: TaskSettings) -> None:
    """Keep the settings. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    text = settings.text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput(
            "task_too_long", "The text of a task has at most %(longest)s characters.", {"longest": LONGEST_TEXT}
        )
    placement.description = text
    placement.due_at = settings.due_at
    session.flush()
    audit.record(
        session,
        "task.changed",
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="placement",
        object_id=placement.id,
        details={"characters": len(text)},
    )


def read_moment(typed: str, in_utc: str) -> datetime | None:
    """A date and time of a form; the page's script sends the moment in UTC beside what was typed."""
    if not typed.strip():
        return None
    try:
        moment = datetime.fromisoformat(in_utc.strip() or typed.strip())
    except ValueError as error:
        raise InvalidInput("due_refused", "Give the date and time as 2027-05-31 23:59.") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
