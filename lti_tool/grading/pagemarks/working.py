"""The marks on a work's pages as whoever marks it works with them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.models import Submission
from lti_tool.grading.pagemarks.keeping import are_kept, marks_in_work, state_of
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.pagemarks.placing import owner_of
from lti_tool.grading.pagemarks.showing import PageMarks, by_page, numbered_criteria
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import attempts_of


def marks_to_work_with(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, *, criterion_id: int | None = None
) -> PageMarks:
    """To change them, unless the work is the viewer's own or no longer the latest; `criterion_id` is for new marks."""
    owner_id = owner_of(session, viewer, placement, submission)
    marks = marks_in_work(session, submission, owner_id)
    rubric = rubric_of(session, placement)
    return PageMarks(
        by_page=by_page(marks, rubric),
        criteria=numbered_criteria(rubric),
        may_change=_may_change(session, viewer, submission),
        has_keys=preference_of(session, viewer).has_shortcuts,
        state=state_of(marks),
        are_saved=owner_id is not None or are_kept(session, marks, latest_review(session, submission)),
        has_others=_has_others(marks),
        criterion_id=criterion_id,
    )


def _may_change(session: Session, viewer: Viewer, submission: Submission) -> bool:
    if viewer.person_id == submission.person_id:
        return False
    latest = attempts_of(session, viewer, submission.person_id)
    return bool(latest) and latest[0].id == submission.id


def _has_others(marks: Sequence[PageMark]) -> bool:
    return len({mark.marker_id for mark in marks}) > 1
