"""The marked copy of an approved review, as one PDF: cover, rubric and feedback, then the pages with their marks.

Made once for each review, in the limited process, and stored: what was approved does not change, so neither does it.
Only `marked_copy` makes it; who may have it is said where it is asked for.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import and_, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.models import BoundLaunch, Course, Placement
from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval
from lti_tool.grading.models import Review, Submission, SubmissionFile
from lti_tool.grading.pagemarks.drawing import DrawnSheet, drawn_sheet, is_rtl
from lti_tool.grading.pagemarks.keeping import kept_marks
from lti_tool.grading.pagemarks.models import MarkedCopy
from lti_tool.grading.pagemarks.sheets import Leaf, bind, page_sizes, picture_size
from lti_tool.grading.pagemarks.showing import ShownMark, by_page
from lti_tool.grading.showing import is_picture, pages_to_mark
from lti_tool.web.languages import catalogue_of

STYLE = PROJECT_ROOT / "static" / "css" / "marked-copy.css"
LIMITS = sandbox.Limits(memory=2 * 1024**3, cpu_seconds=80)
AT_ONCE = 25
"""Pages that are put together while somebody waits for the download; more of them are a job."""
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:copy, 0))")


def marked_copy(session: Session, store: FileStore, review: Review) -> StoredFile:
    """The copy, made now unless there is one. Raises InvalidInput before an approval, and for pages nobody can draw."""
    made = find_copy(session, review)
    if made is not None:
        return made
    approval = approval_of(session, review)
    if approval is None:
        raise InvalidInput("review_unapproved", "There is a marked copy once a person has approved the grade.")
    placement = session.get_one(Placement, review.submission.placement_id)
    with tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        target = Path(folder) / "copy.pdf"
        _draw(session, store, review, approval, placement, target)
        session.execute(LOCK, {"copy": f"marked_copy:{review.id}"})
        made = find_copy(session, review)
        if made is not None:
            return made
        with target.open("rb") as stream:
            stored = store.put(
                session, stream, name="marked-copy.pdf", media_type=MediaType.PDF, course_id=placement.course_id
            )
    session.merge(MarkedCopy(review_id=review.id, file_id=stored.id))
    session.flush()
    return stored


def find_copy(session: Session, review: Review) -> StoredFile | None:
    """What was made of a review already; a copy that was damaged on the disk is made again."""
    return session.scalar(
        select(StoredFile)
        .join(MarkedCopy, MarkedCopy.file_id == StoredFile.id)
        .where(MarkedCopy.review_id == review.id, StoredFile.is_damaged.is_(False))
    )


def approval_of(session: Session, review: Review) -> Approval | None:
    """Who approved this very review."""
    return session.scalar(
        select(Approval).where(Approval.grade_id == review.grade_id, Approval.grade_version == review.grade_version)
    )


def approved_review(session: Session, submission: Submission) -> Review | None:
    """The last review of a work that was approved, for staff."""
    is_same = and_(Approval.grade_id == Review.grade_id, Approval.grade_version == Review.grade_version)
    approved = select(Review).join(Approval, is_same).where(Review.submission_id == submission.id)
    return session.scalar(approved.order_by(Review.version.desc()).limit(1))


def has_pages(submission: Submission) -> bool:
    """Whether there is anything that marks can be drawn on."""
    return any(pages_to_mark(row) for row in submission.files)


def takes_long(submission: Submission) -> bool:
    return sum(len(pages_to_mark(row)) for row in submission.files) > AT_ONCE


@dataclass(frozen=True, kw_only=True)
class _Work:
    """The pages of a work in their order, what is drawn over them, and which files have no pages."""

    leaves: Sequence[Leaf]
    sheets: Sequence[DrawnSheet]
    others: Sequence[str]


def _draw(
    session: Session, store: FileStore, review: Review, approval: Approval, placement: Placement, target: Path
) -> None:
    work = _pages(store, review.submission, by_page(kept_marks(session, review), review.rubric))
    locale = _locale(session, review.submission.person_id)
    html = _template(locale).render(
        locale=locale.replace("_", "-"),
        course=session.get_one(Course, placement.course_id).title,
        activity=placement,
        review=review,
        approval=approval,
        ticks={tick.criterion_id: tick for tick in review.ticks},
        sheets=work.sheets,
        others=work.others,
        handed_in=format_datetime(review.submission.submitted_at, "medium", locale=locale),
        approved_at=format_datetime(approval.approved_at, "medium", locale=locale),
        is_rtl=is_rtl,
    )
    style = STYLE.read_text(encoding="utf-8") + "".join(sheet.style for sheet in work.sheets)
    sandbox.run_within(LIMITS, bind, html, style, list(work.leaves), str(target))


def _pages(store: FileStore, submission: Submission, marks: Mapping[tuple[int, int], Sequence[ShownMark]]) -> _Work:
    leaves: list[Leaf] = []
    sheets: list[DrawnSheet] = []
    for row in submission.files:
        path = str(store.path(row.file))
        for page, size in enumerate(_sizes(row, path), start=1):
            here = marks.get((row.number, page), ())
            sheet = drawn_sheet(row.number, page, size, here) if here else None
            sheets += [sheet] if sheet else []
            leaves.append(Leaf(path=path, page=page, is_picture=is_picture(row), sheet=sheet.name if sheet else ""))
    others = [row.file.name for row in submission.files if not pages_to_mark(row)]
    return _Work(leaves=leaves, sheets=sheets, others=others)


def _sizes(row: SubmissionFile, path: str) -> list[list[float]]:
    if is_picture(row):
        return [sandbox.run(picture_size, path)]
    return sandbox.run(page_sizes, path) if pages_to_mark(row) else []


def _locale(session: Session, person_id: int) -> str:
    """That of the student's last launch: the copy is theirs."""
    latest = select(BoundLaunch.locale).where(BoundLaunch.person_id == person_id)
    return session.scalar(latest.order_by(BoundLaunch.created_at.desc()).limit(1)) or "en"


@cache
def _environment() -> Environment:
    folder = FileSystemLoader(PROJECT_ROOT / "templates")
    return Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, extensions=["jinja2.ext.i18n"]
    )


def _template(locale: str) -> Any:
    translations: NullTranslations = catalogue_of(locale)
    environment = _environment().overlay()
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # added by i18n
    return environment.get_template("grading/pagemarks/copy.html")
