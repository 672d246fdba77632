"""Tokens and cost of 30 days for the courses of one platform: another platform's are not the viewer's to see."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.llm.usage import Sum, shown_cost, usage_by_course, usage_by_day
from lti_tool.lti.models import Deployment, Registration

DAYS = 30
COLUMNS = ("course_id", "course", "calls", "failed", "prompt_tokens", "completion_tokens", "cost")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One course's share."""

    course_id: int
    course: str
    sum: Sum

    @property
    def cost(self) -> Decimal:
        return shown_cost(self.sum.cost_micros)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The shares of the courses, most tokens first, and the days."""

    lines: Sequence[Line]
    days: Sequence[Sum]

    @property
    def tokens(self) -> int:
        return sum(line.sum.prompt_tokens + line.sum.completion_tokens for line in self.lines)

    @property
    def cost(self) -> Decimal:
        return shown_cost(sum(line.sum.cost_micros for line in self.lines))


def report_for(session: Session, viewer: Viewer) -> Report:
    """The last 30 days of the viewer's platform."""
    since, titles = now() - timedelta(days=DAYS), _titles(session, viewer)
    lines = [
        Line(course_id=total.course_id, course=titles[total.course_id], sum=total)
        for total in usage_by_course(session, since, course_ids=titles.keys())
        if total.course_id is not None
    ]
    return Report(lines=lines, days=usage_by_day(session, since, course_ids=titles.keys()))


def as_csv(report: Report) -> str:
    """The lines for a spreadsheet, which must not take a course title for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in report.lines:
        total = line.sum
        writer.writerow(
            [
                line.course_id,
                f"'{line.course}" if line.course.startswith(FORMULA_STARTS) else line.course,
                total.calls,
                total.failed,
                total.prompt_tokens,
                total.completion_tokens,
                line.cost,
            ]
        )
    return out.getvalue()


def _titles(session: Session, viewer: Viewer) -> dict[int, str]:
    platform = select(Registration.platform_id).where(Registration.id == viewer.registration_id).scalar_subquery()
    rows = session.execute(
        select(Course.id, Course.title)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Registration.platform_id == platform)
    )
    return {course_id: title or f"#{course_id}" for course_id, title in rows}
