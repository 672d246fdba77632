"""A person marks a submission: ticks on the rubric, points and feedback become a draft grade (requirements.md M2).

The comment of the grade holds the ticks in words, so whoever approves the grade approves every one of them, and a
changed tick is a new version of the grade that nobody has approved yet.
"""

from collections.abc import Sequence
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
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Criterion, Level, Review, Rubric, Submission, Tick
from lti_tool.grading.rubrics.scoring import grade_points
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import attempts_of

LONGEST_REMARK = 500


def save_review(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, marking: Marking
) -> Grade:
    """Keep the decision and record the grade, unapproved. Raises InvalidInput, NotAllowed."""
    viewer.require(Capability.GRADE)
    lock_work(session, placement, submission.person_id)
    rubric = rubric_of(session, placement)
    latest = latest_review(session, submission)
    _require_current(session, viewer, submission, marking, rubric)
    ticks = _ticks(rubric, marking) if rubric else []
    points, comment = _total(ticks, marking, rubric, placement), _comment(ticks, marking.feedback)
    _require_seen(session, marking, latest, points, comment)
    grade = record_grade(
        session, viewer, placement_id=placement.id, person_id=submission.person_id, points=points, comment=comment
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
        ticks=ticks,
    )
    session.add(review)
    session.flush()
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


def _require_current(
    session: Session, viewer: Viewer, submission: Submission, marking: Marking, rubric: Rubric | None
) -> None:
    """What was marked must still be what is there."""
    if viewer.person_id == submission.person_id:
        raise NotAllowed("own_grade", "You cannot grade yourself.")
    if attempts_of(session, viewer, submission.person_id)[0].id != submission.id:
        raise InvalidInput("submission_outdated", "The student has handed in again. Mark the latest attempt.")
    if marking.rubric_id != (rubric.id if rubric else None):
        raise InvalidInput("rubric_changed", "The rubric was changed meanwhile. Reload the page and mark again.")


def _require_seen(session: Session, marking: Marking, latest: Review | None, points: Decimal, comment: str) -> None:
    """A second click repeats what is there; anything else would overwrite what the marker has not seen."""
    if marking.seen == (latest.version if latest else 0):
        return
    grade = session.get(Grade, latest.grade_id) if latest else None
    if grade is None or (grade.points, grade.comment) != (points, comment):
        raise InvalidInput("review_changed", "Somebody else has marked this meanwhile. Reload the page to see it.")


def _ticks(rubric: Rubric, marking: Marking) -> list[Tick]:
    known = {criterion.id for criterion in rubric.criteria}
    if set(marking.ticks) - known:
        raise InvalidInput("criterion_unknown", "The form does not fit the rubric. Reload the page and mark again.")
    return [_tick(criterion, marking.ticks.get(criterion.id, TickInput())) for criterion in rubric.criteria]


def _tick(criterion: Criterion, given: TickInput) -> Tick:
    level = _level(criterion, given.level_id)
    if given.points is None and level is None:
        raise InvalidInput(
            "criterion_open", "Choose a level for “%(title)s”, or give points.", {"title": criterion.title}
        )
    points = Decimal(level.points) if given.points is None and level else given.points or Decimal(0)
    if points > criterion.points:
        raise InvalidInput(
            "points_out_of_range",
            "“%(title)s” has at most %(points)s points.",
            {"title": criterion.title, "points": criterion.points},
        )
    if len(given.comment) > LONGEST_REMARK or not given.comment.isprintable():
        raise InvalidInput(
            "remark_unusable",
            "A remark on a criterion has at most %(longest_remark)s characters.",
            {"longest_remark": LONGEST_REMARK},
        )
    return Tick(
        criterion_id=criterion.id,
        criterion=criterion,
        level_id=level.id if level else None,
        level=level,
        points=points,
        comment=given.comment,
    )


def _level(criterion: Criterion, level_id: int | None) -> Level | None:
    if level_id is None:
        return None
    for level in criterion.levels:
        if level.id == level_id:
            return level
    raise InvalidInput("level_unknown", "The form does not fit the rubric. Reload the page and mark again.")


def _total(ticks: Sequence[Tick], marking: Marking, rubric: Rubric | None, placement: Placement) -> Decimal:
    if rubric is not None:
        given = {tick.criterion_id: tick.points for tick in ticks}
        return grade_points(rubric, given, maximum=placement.points or rubric.points)
    if marking.points is None:
        raise InvalidInput("points_missing", "Give the points.")
    return marking.points


def _comment(ticks: Sequence[Tick], feedback: str) -> str:
    """Plain text, as a gradebook shows it."""
    lines = [_line(tick) for tick in ticks]
    return "\n\n".join(part for part in ("\n".join(lines), feedback) if part)


def _line(tick: Tick) -> str:
    """`Clarity: 3 / 4 (clear) - the second part repeats the first`"""
    # Points set by hand are not what the level stands for.
    is_as_level = tick.level is not None and tick.level.title and tick.points == tick.level.points
    level = f" ({tick.level.title})" if is_as_level and tick.level else ""
    remark = f" - {tick.comment}" if tick.comment else ""
    return f"{tick.criterion.title}: {tick.points.normalize():f} / {tick.criterion.points:f}{level}{remark}"


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
    audit.record(
        session,
        action,
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="submission",
        object_id=submission.id,
        details=details,
    )
