"""The tool and the course site get to know each other, as an administrator and a teacher would do it in Moodle.

Everything goes over HTTP through the pages that people use; what was done last time is not done again.
"""

from sqlalchemy import select

from lti_tool.accounts.audit import record
from lti_tool.accounts.models import PlacementKind
from lti_tool.db import transaction
from lti_tool.demo.models import Activity, Tool, ToolState
from lti_tool.demo.store import Store
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.errors import PlatformFailed
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import invite
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ALLOWED_HOSTS, CHAT_DEPLOYMENT, ENABLED, ENDPOINT
from lti_tool.site_settings.setting import Setting, T
from lti_tool.site_settings.store import find_own, write

TEACHER = "teresa"


def join(runtime: Runtime, visitor: SiteVisitor) -> None:
    """Register, activate, switch on, and place one activity of each kind."""
    if not _is_joined(visitor.store):
        _register(runtime, visitor)
    _switch_on(runtime)
    if not placed_activities(visitor.store):
        _place(visitor)


def use_model(runtime: Runtime, *, url: str, model: str) -> None:
    """Let the tutor answer with this model; its host may be this machine, because it was named on purpose."""
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    _set(runtime, ALLOWED_HOSTS, frozenset({host}))
    _set(runtime, ENDPOINT, url)
    _set(runtime, CHAT_DEPLOYMENT, model)


def placed_activities(store: Store) -> list[Activity]:
    """The activities of the first course, in the order they were placed."""
    with store.transaction() as rows:
        return list(rows.scalars(select(Activity).where(Activity.course_id == 1).order_by(Activity.id)))


def _is_joined(store: Store) -> bool:
    with store.transaction() as rows:
        return rows.scalar(select(Tool.id).where(Tool.state == ToolState.ACTIVE).limit(1)) is not None


def _register(runtime: Runtime, visitor: SiteVisitor) -> None:
    with transaction(runtime.engine) as session:
        token = invite(session, runtime.secrets, allows_private_addresses=True)
        record(session, "registration.invited")
    answer = visitor.register(registration_url(runtime.settings, token))
    with visitor.store.transaction() as rows:
        tool_id = rows.scalar(select(Tool.id).order_by(Tool.id.desc()).limit(1))
    if answer.status != 200 or tool_id is None:
        raise PlatformFailed(
            "registration_refused", "The registration ended with: %(heading)s", {"heading": answer.heading}
        )
    # Names make the demo easier to follow; addresses are of no use to anyone here.
    visitor.activate(tool_id, names=True)


def _switch_on(runtime: Runtime) -> None:
    """Nothing leaves a new installation until somebody decides; who starts the demo has decided, once."""
    with transaction(runtime.engine) as session:
        decided = find_own(session, ENABLED) is not None
    if not decided:
        _set(runtime, ENABLED, True)


def _place(visitor: SiteVisitor) -> None:
    with visitor.store.transaction() as rows:
        tool_id = rows.scalars(select(Tool.id).where(Tool.state == ToolState.ACTIVE).order_by(Tool.id)).first()
    page = visitor.pick_as(TEACHER, tool_id=tool_id or 0)
    chosen: dict[str, str | list[str]] = {"kind": [kind.value for kind in PlacementKind], **TITLES}
    answer = visitor.submit(page, "/lti/deep-link", chosen)
    if answer.status != 200 or len(placed_activities(visitor.store)) != len(PlacementKind):
        raise PlatformFailed(
            "placing_failed", "The activities could not be placed: %(heading)s", {"heading": answer.heading}
        )


ESSAY = """A town council reports that the **mean** yearly income of its 900 families is 61,000 euros. A journalist \
who asked the same families writes that "half of them live on less than 38,000".

In 150 to 300 words:

- say how both can be right, and what that tells you about the incomes;
- choose the measure you would report to the council, and give your reasons;
- name one question about these families that the other measure answers better.

Write for a reader who has never taken a course in statistics."""

TITLES = {
    "tutor-title": "Ask about the lectures",
    "activity-title": "Short essay: mean or median?",
    "activity-task": ESSAY,
    "activity-points": "20",
    "activity-rubric": "Choice of measure: 8\nReasons: 8\nClear writing: 4",
    "exam-title": "Midterm examination on paper",
    "exam-points": "100",
    "dashboard-title": "How the course is going",
}


def _set(runtime: Runtime, setting: Setting[T], value: T) -> None:
    with transaction(runtime.engine) as session:
        change = write(session, setting, value)
        if change is not None:
            details = {"before": change.before, "after": change.after}
            record(session, "setting.changed", object_type="setting", object_id=change.key, details=details)
