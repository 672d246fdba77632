"""A marker puts marks on pages, changes and deletes them; nobody else's change is lost on the way."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.grading.activities import lock_work
from lti_tool.grading.desk.moderation import marks_of, wants_independent_mark
from lti_tool.grading.models import Submission
from lti_tool.grading.pagemarks.fields import MarkInput
from lti_tool.grading.pagemarks.keeping import marks_in_work
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.showing import pages_to_mark
from lti_tool.grading.submissions import attempts_of, file_of

MOST_MARKS = 500
LONGEST_KEY = 64


def owner_of(session: Session, viewer: Viewer, placement: Placement, submission: Submission) -> int | None:
    """Whose marks the viewer works with: their own while two mark independently, else everybody's (None)."""
    marks = marks_of(session, submission)
    is_alone = wants_independent_mark(placement, marks, latest_review(session, submission))
    return viewer.person_id if is_alone else None


def place_mark(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, given: MarkInput, client_key: str
) -> PageMark:
    """Put a mark on a page; sent twice, it is there once. Raises InvalidInput, NotAllowed."""
    owner_id = _open(session, viewer, placement, submission)
    if not client_key or len(client_key) > LONGEST_KEY or not client_key.isprintable():
        raise InvalidInput("form_key_missing", "This form is incomplete. Reload the page and try again.")
    placed = _find_by_key(session, viewer, submission, client_key)
    if placed is not None:
        return placed
    _check(session, placement, submission, given)
    if len(marks_in_work(session, submission, owner_id)) >= MOST_MARKS:
        raise InvalidInput("too_many_marks", "A work has at most %(most)s marks on its pages.", {"most": MOST_MARKS})
    mark = PageMark(
        submission_id=submission.id,
        owner_id=owner_id,
        marker_id=viewer.person_id,
        client_key=client_key,
        **given.columns,
    )
    session.add(mark)
    session.flush()
    return mark


def change_mark(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    submission: Submission,
    mark_id: UUID,
    given: MarkInput,
    *,
    seen: int,
) -> PageMark:
    """Move a mark or say something else; `seen` is the version that the viewer looked at. Raises InvalidInput."""
    owner_id = _open(session, viewer, placement, submission)
    mark = _find(session, submission, owner_id, mark_id)
    if mark is None:
        raise NotFound("mark_unknown", "This mark is not on the page any more.")
    columns = given.columns
    if all(getattr(mark, name) == value for name, value in columns.items()):
        return mark
    if mark.version != seen:
        raise InvalidInput("mark_changed", "Somebody else has changed this mark meanwhile. Reload the page to see it.")
    _check(session, placement, submission, given)
    for name, value in columns.items():
        setattr(mark, name, value)
    mark.version += 1
    session.flush()
    return mark


def delete_mark(session: Session, viewer: Viewer, placement: Placement, submission: Submission, mark_id: UUID) -> None:
    """Take a mark off the page; one that is gone already stays gone."""
    owner_id = _open(session, viewer, placement, submission)
    mark = _find(session, submission, owner_id, mark_id)
    if mark is not None:
        session.delete(mark)
        session.flush()


def _open(session: Session, viewer: Viewer, placement: Placement, submission: Submission) -> int | None:
    """Lock the work, and say whose marks these are. Raises where the viewer may not mark this work."""
    viewer.require(Capability.GRADE)
    if viewer.person_id == submission.person_id:
        raise NotAllowed("own_grade", "You cannot grade yourself.")
    lock_work(session, placement, submission.person_id)
    if attempts_of(session, viewer, submission.person_id)[0].id != submission.id:
        raise InvalidInput("submission_outdated", "The student has handed in again. Mark the latest attempt.")
    return owner_of(session, viewer, placement, submission)


def _check(session: Session, placement: Placement, submission: Submission, given: MarkInput) -> None:
    """The page and the criterion are there."""
    if given.page not in pages_to_mark(file_of(submission, given.file_number)):
        raise InvalidInput("mark_page_unknown", "This file has no page %(page)s to mark.", {"page": given.page})
    rubric = rubric_of(session, placement)
    criteria = {criterion.id for criterion in rubric.criteria} if rubric else set()
    if given.criterion_id is not None and given.criterion_id not in criteria:
        raise InvalidInput("rubric_changed", "The rubric was changed meanwhile. Reload the page and mark again.")


def _find(session: Session, submission: Submission, owner_id: int | None, mark_id: UUID) -> PageMark | None:
    mark = session.get(PageMark, mark_id, populate_existing=True)
    is_mine = mark is not None and (mark.submission_id, mark.owner_id) == (submission.id, owner_id)
    return mark if is_mine else None


def _find_by_key(session: Session, viewer: Viewer, submission: Submission, client_key: str) -> PageMark | None:
    return session.scalar(
        select(PageMark).where(
            PageMark.submission_id == submission.id,
            PageMark.marker_id == viewer.person_id,
            PageMark.client_key == client_key,
        )
    )
