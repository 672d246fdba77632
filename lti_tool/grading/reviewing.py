"""A person marks a submission: ticks on the rubric, points and feedback become a draft grade (requirements.md M2).

The comment of the grade holds the ticks in words, so whoever approves the grade approves every one of them, and a
changed tick is a new version of the grade that nobody has approved yet. So is a changed mark on a page.
"""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Grade
from lti_tool.grading.activities import lock_work
from lti_tool.grading.assignments.fillings import require_fillable
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Review, Rubric, Submission, Tick
from lti_tool.grading.pagemarks.keeping import are_kept, keep, marks_in_work, require_seen
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import attempts_of
from lti_tool.grading.ticking import chosen_ticks, comment_of, total_of


def save_review(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, marking: Marking
) -> Grade:
    """Keep the decision and record the grade, unapproved. Raises InvalidInput, NotAllowed."""
    viewer.require(Capability.GRADE)
    lock_work(session, placement, submission.person_id)
    rubric = rubric_of(session, placement)
    latest = latest_review(session, submission)
    require_current(session, viewer, submission, marking, rubric)
    ticks = chosen_ticks(rubric, marking)
    require_fillable(session, placement, ticks)
    points, comment = total_of(ticks, marking, rubric, placement), comment_of(ticks, marking.feedback)
    marks = marks_in_work(session, submission)
    require_seen(marks, marking.marks_seen)
    has_news = not are_kept(session, marks, latest)
    _require_seen(session, marking, latest, points, comment, has_news)
    grade = record_grade(
        session,
        viewer,
        placement_id=placement.id,
        person_id=submission.person_id,
        points=points,
        comment=comment,
        has_news=has_news,
    )
    if latest is not None and latest.grade_version == grade.version:
        return grade
    review = Review(
        submission_id=submission.id,
        version=latest.version + 1 if latest else 1,
        marker_id=viewer.person_id,
        rubric_id=rubric.id if rubric else None,
        grade_id=grade.id,
        grade_version=grade.version,
        points=grade.points,
        feedback=marking.feedback,
        ticks=[Tick(**tick.columns) for tick in ticks],
    )
    session.add(review)
    session.flush()
    keep(session, review, marks)
    _tell(session, viewer, submission, review)
    return grade


def latest_review(session: Session, submission: Submission) -> Review | None:
    """The last decision about a submission, for staff's eyes."""
    return session.scalar(
        select(Review).where(Review.submission_id == submission.id).order_by(Review.version.desc()).limit(1)
    )


def ticks_of(review: Review | None) -> dict[int, Tick]:
    """The ticks of a review by their criterion."""
    return {tick.criterion_id: tick for tick in review.ticks} if review else {}


def note_viewed(session: Session, viewer: Viewer, submission: Submission) -> None:
    """Who looked at whose work is part of a grade's life (R199)."""
    _audit(session, viewer, "submission.viewed", submission, {"attempt": submission.attempt})


def require_current(
    session: Session, viewer: Viewer, submission: Submission, marking: Marking, rubric: Rubric | None
) -> None:
    """What was marked must still be what is there."""
    if viewer.person_id == submission.person_id:
        raise NotAllowed("own_grade", "You cannot grade yourself.")
    attempts = attempts_of(session, viewer, submission.person_id)
    if not attempts:
        raise InvalidInput("submission_withdrawn", "This work was taken back meanwhile. Nothing was saved.")
    if attempts[0].id != submission.id:
        raise InvalidInput("submission_outdated", "The student has handed in again. Mark the latest attempt.")
    if marking.rubric_id != (rubric.id if rubric else None):
        raise InvalidInput("rubric_changed", "The rubric was changed meanwhile. Reload the page and mark again.")


def _require_seen(
    session: Session, marking: Marking, latest: Review | None, points: Decimal, comment: str, has_news: bool
) -> None:
    """A second click repeats what is there; anything else would overwrite what the marker has not seen."""
    if marking.seen == (latest.version if latest else 0):
        return
    grade = session.get(Grade, latest.grade_id) if latest else None
    if grade is None or has_news or (grade.points, grade.comment) != (points, comment):
        raise InvalidInput("review_changed", "Somebody else has marked this meanwhile. Reload the page to see it.")


def _tell(session: Session, viewer: Viewer, submission: Submission, review: Review) -> None:
    events.record(
        session,
        EventKind.GRADED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=submission.placement_id,
        details={"version": review.version},
    )
    action = "grade.drafted" if review.grade_version == 1 else "grade.edited"
    _audit(session, viewer, action, submission, {"grade": review.grade_id, "version": review.grade_version})


def _audit(session: Session, viewer: Viewer, action: str, submission: Submission, details: dict[str, int]) -> None:
    audit.by(session, viewer, action, object_type="submission", object_id=submission.id, details=details)
