"""What a student sees of the marks on pages: those of the approved and released review, and nothing before it."""

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.feedback import find_feedback
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.pagemarks.keeping import kept_marks
from lti_tool.grading.pagemarks.showing import PageMarks, by_page, numbered_criteria


def released_review(session: Session, viewer: Viewer, placement: Placement, submission: Submission) -> Review | None:
    """The review of the viewer's own work that was approved and released to them."""
    feedback = find_feedback(session, viewer, placement)
    review = feedback.review if feedback else None
    return review if review is not None and review.submission_id == submission.id else None


def marks_of_review(session: Session, review: Review | None) -> PageMarks | None:
    """To look at; None where a review has no marks on pages."""
    marks = kept_marks(session, review)
    if review is None or not marks:
        return None
    return PageMarks(by_page=by_page(marks, review.rubric), criteria=numbered_criteria(review.rubric))
