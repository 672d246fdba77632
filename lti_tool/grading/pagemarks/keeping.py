"""Marks in work, and their way into a review: what a review is saved with is a copy that never changes.

Which marks are meant follows from who marks: `owner_id` names a marker while two mark without seeing each other, and is
None for the marks that everybody shares who marks there.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.pagemarks.models import KeptPageMark, PageMark

COLUMNS = (
    *("file_number", "page", "kind", "x", "y", "width", "height"),
    *("text", "points", "criterion_id", "marker_id"),
)


def marks_in_work(session: Session, submission: Submission, owner_id: int | None = None) -> Sequence[PageMark]:
    """In the order of the pages, from the top down."""
    mine = PageMark.owner_id.is_(None) if owner_id is None else PageMark.owner_id == owner_id
    return session.scalars(
        select(PageMark)
        .where(PageMark.submission_id == submission.id, mine)
        .order_by(PageMark.file_number, PageMark.page, PageMark.y, PageMark.x, PageMark.created_at, PageMark.id)
    ).all()


def kept_marks(session: Session, review: Review | None) -> Sequence[KeptPageMark]:
    """What a review was saved with, in the same order."""
    if review is None:
        return []
    kept = select(KeptPageMark).where(KeptPageMark.review_id == review.id)
    return session.scalars(kept.order_by(KeptPageMark.number)).all()


def state_of(marks: Sequence[PageMark]) -> str:
    """A short sign that changes with every change of the marks: a form says by it what its sender has seen."""
    lines = sorted(f"{mark.id}:{mark.version}" for mark in marks)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def require_seen(marks: Sequence[PageMark], seen: str | None) -> None:
    """Raises InvalidInput where marks would be kept that their keeper has not seen; None where no form was sent."""
    if seen is not None and seen != state_of(marks):
        raise InvalidInput(
            "marks_changed", "The marks on the pages were changed meanwhile. Look at them and save again."
        )


def are_kept(session: Session, marks: Sequence[PageMark], review: Review | None) -> bool:
    """Whether a review was saved with exactly these."""
    return sorted(map(_content, marks)) == sorted(map(_content, kept_marks(session, review)))


def keep(session: Session, review: Review, marks: Sequence[PageMark | KeptPageMark]) -> None:
    """Save a review with these marks; the marks in work stay, to go on from."""
    session.add_all(
        KeptPageMark(review_id=review.id, number=number, **_columns(mark)) for number, mark in enumerate(marks, start=1)
    )
    session.flush()


def share(session: Session, submission: Submission) -> None:
    """Both markers are in: what each put on the pages becomes everybody's, to make one review of."""
    owned = select(PageMark).where(PageMark.submission_id == submission.id, PageMark.owner_id.is_not(None))
    for mark in session.scalars(owned.order_by(PageMark.created_at, PageMark.id)).all():
        key = f"shared:{mark.id}"
        session.add(PageMark(submission_id=submission.id, owner_id=None, client_key=key, **_columns(mark)))
    session.flush()


def _columns(mark: PageMark | KeptPageMark) -> dict[str, object]:
    return {name: getattr(mark, name) for name in COLUMNS}


def _content(mark: PageMark | KeptPageMark) -> tuple[str, ...]:
    return tuple(str(getattr(mark, name)) for name in COLUMNS)
