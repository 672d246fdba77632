"""The table of grades as a file."""

from collections.abc import Iterable
from datetime import datetime

from lti_tool.gradebook.overview import GradeRow
from lti_tool.web.tables import as_csv

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


def grades_csv(rows: Iterable[GradeRow], *, with_mark: bool) -> str:
    """One line a student; names and e-mail as far as the platform shares them."""
    return as_csv(HEADER, [_values(row) for row in rows], with_mark=with_mark)


def _values(row: GradeRow) -> tuple[str, ...]:
    grade, approval, push = row.grade, row.approval, row.push
    return (
        row.name,
        "" if row.is_hidden else row.person.idnumber,
        "" if row.is_hidden else row.person.email,
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


def _number(value: object) -> str:
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".")


def _moment(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds") if value else ""
