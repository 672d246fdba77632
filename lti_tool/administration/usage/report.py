"""Conversations, tokens and cost (R131) for one platform's courses: another platform's are not the viewer's to see.

Calls that no course caused, trials of the models, stand among them without a course.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event, EventKind
from lti_tool.activity.ratings import latest_ratings
from lti_tool.db import now
from lti_tool.llm.usage import Sum, shown_cost, tokens_of_all_time, usage_by_course, usage_by_day, usage_by_model
from lti_tool.lti.models import Deployment, Registration
from lti_tool.web.tables import as_csv

DAYS = 30
TOP = 20
MESSAGES = (EventKind.CHAT_MESSAGE_SENT, EventKind.ANSWERED, EventKind.QUOTED, EventKind.REFUSED)
COLUMNS = ("course_id", "course", "calls", "failed", "prompt_tokens", "completion_tokens", "cost")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One course's share, or what no course caused."""

    course_id: int | None
    course: str
    sum: Sum

    @property
    def cost(self) -> Decimal:
        return shown_cost(self.sum.cost_micros)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The shares of the courses and of the models, most tokens first, and the days; all of 30 days but for `ever`."""

    lines: Sequence[Line]
    models: Sequence[tuple[str, Sum]]
    days: Sequence[Sum]
    ever: int
    conversations: int
    messages: int
    thumbs_up: int
    thumbs_down: int

    @property
    def top(self) -> Sequence[Line]:
        """The courses that the page shows; the file has all."""
        return self.lines[:TOP]

    @property
    def tokens(self) -> int:
        return sum(line.sum.prompt_tokens + line.sum.completion_tokens for line in self.lines)

    @property
    def cost(self) -> Decimal:
        return shown_cost(sum(line.sum.cost_micros for line in self.lines))


def report_for(session: Session, viewer: Viewer) -> Report:
    """The last 30 days of the viewer's platform."""
    since, titles = now() - timedelta(days=DAYS), _titles(session, viewer)
    happened, thumbs = _happened(session, since, titles.keys()), _thumbs(session, since, titles.keys())
    lines = [
        Line(course_id=total.course_id, course=titles[total.course_id] if total.course_id else "", sum=total)
        for total in usage_by_course(session, since, course_ids=titles.keys())
    ]
    return Report(
        lines=lines,
        models=usage_by_model(session, since, course_ids=titles.keys()),
        days=usage_by_day(session, since, course_ids=titles.keys()),
        ever=tokens_of_all_time(session, course_ids=titles.keys()),
        conversations=happened.get(EventKind.THREAD_CREATED, 0),
        messages=sum(happened.get(kind, 0) for kind in MESSAGES),
        thumbs_up=thumbs.get(1, 0),
        thumbs_down=thumbs.get(-1, 0),
    )


def report_csv(report: Report) -> str:
    """The lines for a spreadsheet."""
    rows = [
        (
            line.course_id,
            line.course,
            line.sum.calls,
            line.sum.failed,
            line.sum.prompt_tokens,
            line.sum.completion_tokens,
            line.cost,
        )
        for line in report.lines
    ]
    return as_csv(COLUMNS, rows)


def _happened(session: Session, since: datetime, course_ids: Collection[int]) -> dict[str, int]:
    rows = session.execute(
        select(Event.kind, func.count())
        .where(Event.occurred_at >= since, Event.course_id.in_(course_ids))
        .group_by(Event.kind)
    )
    return {kind: count for kind, count in rows}


def _thumbs(session: Session, since: datetime, course_ids: Collection[int]) -> dict[int, int]:
    latest = latest_ratings(Event.occurred_at >= since, Event.course_id.in_(course_ids))
    rows = session.execute(select(latest.c.value, func.count()).group_by(latest.c.value))
    return {value: count for value, count in rows}


def _titles(session: Session, viewer: Viewer) -> dict[int, str]:
    platform = select(Registration.platform_id).where(Registration.id == viewer.registration_id).scalar_subquery()
    rows = session.execute(
        select(Course.id, Course.title)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Registration.platform_id == platform)
    )
    return {course_id: title or f"#{course_id}" for course_id, title in rows}
