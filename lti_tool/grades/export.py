"""The table as CSV: safe to open in a spreadsheet, with a byte order mark where Excel needs one."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from lti_tool.gradebook.overview import GradeRow

HEADER = (
    "name",
    "idnumber",
    "email",
    "grade",
    "maximum",
    "feedback",
    "state",
    "approved_by",
    "approved_at",
    "sent_at",
    "platform_grade",
    "platform_maximum",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"


def grades_csv(rows: Iterable[GradeRow], *, with_mark: bool) -> str:
    """One line a student; names and e-mail as far as the platform shares them."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([_safe(value) for value in _values(row)])
    return (BYTE_ORDER_MARK if with_mark else "") + stream.getvalue()


def _values(row: GradeRow) -> tuple[str, ...]:
    grade, approval, push = row.grade, row.approval, row.push
    return (
        row.person.display_name,
        row.person.idnumber,
        row.person.email,
        _number(grade.points if grade else None),
        _number(grade.maximum if grade else None),
        grade.comment if grade else "",
        row.state,
        row.approved_by.display_name if row.approved_by else "",
        _moment(approval.approved_at if approval else None),
        _moment(push.sent_at if push else None),
        _number(push.result_score if push else None),
        _number(push.result_maximum if push else None),
    )


def _safe(value: str) -> str:
    """A spreadsheet runs what looks like a formula; an apostrophe makes it text."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _number(value: object) -> str:
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".")


def _moment(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds") if value else ""
