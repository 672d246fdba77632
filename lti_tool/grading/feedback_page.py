"""What a student's page says of an approved grade: on the task's page, and on that of a paper exam.

What was said of work in words is shown only with the work: not while its owner has not seen it, nor after it turned
out to be somebody else's.
"""

from typing import Any

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.grading import regrades
from lti_tool.grading.desk.annotating import shown_parts
from lti_tool.grading.desk.evidence import evidence_of
from lti_tool.grading.feedback import find_feedback
from lti_tool.grading.models import Review
from lti_tool.grading.pagemarks.released import marks_of_review
from lti_tool.grading.pagemarks.words import mark_words
from lti_tool.grading.reviewing import ticks_of
from lti_tool.grading.showing import shown_files
from lti_tool.grading.tasks import work_so_far
from lti_tool.grading.withdrawing import is_shown_to_owner


def feedback_for(session: Session, viewer: Viewer, activity: Placement, store: FileStore) -> dict[str, Any]:
    """What `grading/_feedback.html` needs: nothing but None and defaults while no grade was released."""
    feedback = find_feedback(session, viewer, activity)
    decided = feedback.review if feedback else None
    is_told = decided is None or is_shown_to_owner(session, decided.submission)
    until = regrades.regrade_until(session, activity, feedback.approval) if feedback else None
    return {
        "feedback": feedback,
        "is_told": is_told,
        **_marked(session, store, decided if is_told else None),
        "regrades": regrades.own_regrades(session, viewer, activity),
        "regrade_until": until,
        "regrade_over": until is not None and now() > until,
        "most_reason": regrades.LONGEST_TEXT,
    }


def _marked(session: Session, store: FileStore, decided: Review | None) -> dict[str, Any]:
    """The ticks, and the work as it was handed in with the marker's quotations and marks in their places."""
    marks = marks_of_review(session, decided)
    if decided is None or not (marks or any(tick.evidence for tick in decided.ticks)):
        return {"own_ticks": ticks_of(decided), "has_evidence": False}
    work, files = work_so_far(session, store, decided.submission), shown_files(decided.submission)
    parts = shown_parts(decided.submission, files, work, evidence_of(work, decided))
    shown = {"marked_parts": parts, "page_marks": marks, **mark_words()}
    return {"own_ticks": ticks_of(decided), "has_evidence": True, **shown}
