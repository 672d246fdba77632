"""The marks of an exam as a table: a line a student, a column a question, the total, and how far each grade is."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.overview import GradeRow, grade_rows
from lti_tool.grading.models import Review, Rubric, Submission
from lti_tool.scans.exam import exam_of, register_numbers
from lti_tool.web.tables import as_csv

FIRST = ("register_number", "name")
LAST = ("total", "maximum", "state")

Key = tuple[str, int]
"""A question by its title, and which of those with this title."""


def marks_csv(session: Session, viewer: Viewer) -> str:
    """The grades as they stand now; a name or number that the marker must not know stays out of it."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    rows = grade_rows(session, viewer, exam.id)
    reviews = _reviews(session, exam)
    questions = _questions(session, exam, reviews.values())
    numbers = register_numbers(session, exam.course_id)
    audit.by(session, viewer, "scans.marks_exported", object_type="placement", object_id=exam.id)
    header = (*FIRST, *(title for title, _which in questions), *LAST)
    lines = [_line(row, reviews.get(row.person.id), questions, numbers) for row in rows]
    return as_csv(header, lines)


def _line(
    row: GradeRow, review: Review | None, questions: Sequence[Key], numbers: dict[int, str]
) -> tuple[str | None, ...]:
    grade = row.grade
    is_of_grade = grade is not None and review is not None and review.grade_version <= grade.version
    marks = _marks(review) if is_of_grade and review is not None else {}
    return (
        "" if row.is_hidden else numbers.get(row.person.id, ""),
        row.name,
        *(_number(marks.get(key)) for key in questions),
        _number(grade.points if grade else None),
        _number(grade.maximum if grade else None),
        row.state,
    )


def _reviews(session: Session, exam: Placement) -> dict[int, Review]:
    """The latest review of each student's grade."""
    found = select(Review).join(Submission, Submission.id == Review.submission_id)
    ordered = found.where(Submission.placement_id == exam.id).order_by(Review.id)
    return {review.submission.person_id: review for review in session.scalars(ordered)}


def _questions(session: Session, exam: Placement, reviews: Iterable[Review]) -> list[Key]:
    """Those of the newest rubric first, then what earlier versions asked besides."""
    rubrics = select(Rubric).where(Rubric.placement_id == exam.id).order_by(Rubric.version.desc())
    used = {review.rubric_id for review in reviews}
    keys: dict[Key, None] = {}
    for place, rubric in enumerate(session.scalars(rubrics)):
        if place == 0 or rubric.id in used:
            keys |= dict.fromkeys(_keys([criterion.title for criterion in rubric.criteria]))
    return list(keys)


def _marks(review: Review) -> dict[Key, Decimal]:
    ticks = sorted(review.ticks, key=lambda tick: tick.criterion.position)
    keys = _keys([tick.criterion.title for tick in ticks])
    return {key: tick.points for key, tick in zip(keys, ticks, strict=True)}


def _keys(titles: Sequence[str]) -> list[Key]:
    return [(title, titles[:place].count(title)) for place, title in enumerate(titles)]


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
