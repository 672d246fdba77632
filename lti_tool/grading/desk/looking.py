"""Who opened which submission, and how long they worked at it; what a browser says about time is bounded (R64)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.gradebook.looks import note_look
from lti_tool.gradebook.models import Grade
from lti_tool.grading.desk.models import Look
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.reviewing import latest_review

LONGEST_STRETCH = 120
"""Seconds that one message may bring: browsers send one every half minute, and one on leaving."""


@dataclass(frozen=True, kw_only=True)
class TimeSpent:
    """How long marking took: how many submissions, and the median of their active seconds; None where there is none."""

    submissions: int
    median: int | None


def open_work(session: Session, viewer: Viewer, submission: Submission, *, had_draft: bool = False) -> None:
    """The viewer has the whole of this submission before them, and the grade that stands for it."""
    start_clock(session, viewer, submission, had_draft=had_draft)
    _note_grade(session, viewer, submission)


def start_clock(session: Session, viewer: Viewer, submission: Submission, *, had_draft: bool = False) -> None:
    """The viewer works at this submission from now on, at all or part of it; once with a draft, always with a draft."""
    at = now()
    opened = insert(Look).values(
        submission_id=submission.id,
        person_id=viewer.person_id,
        opened_at=at,
        credited_at=at,
        seconds=0,
        had_draft=had_draft,
    )
    changes = {"opened_at": at, "had_draft": Look.had_draft | opened.excluded.had_draft}
    session.execute(opened.on_conflict_do_update(index_elements=["submission_id", "person_id"], set_=changes))


def add_seconds(session: Session, viewer: Viewer, submission: Submission, seconds: int) -> int:
    """Count active time: never more than has passed since anything of this person's was counted. What was added.

    A browser tells the last seconds as it leaves a page, when the next work is open already: that alone counts nothing.
    """
    viewer.require(Capability.GRADE)
    look = session.scalar(
        select(Look).where(Look.submission_id == submission.id, Look.person_id == viewer.person_id).with_for_update()
    )
    if look is None:
        return 0
    is_counted = Look.credited_at != Look.opened_at
    counted_to = session.scalar(
        select(func.max(Look.credited_at)).where(Look.person_id == viewer.person_id, is_counted)
    )
    passed = int((now() - max(counted_to or look.opened_at, look.opened_at)).total_seconds())
    added = max(0, min(seconds, passed, LONGEST_STRETCH))
    look.seconds, look.credited_at = look.seconds + added, now()
    session.flush()
    return added


def note_marked(session: Session, viewer: Viewer, submission: Submission) -> None:
    """Who marked the work while it lay open has seen the grade that came of it."""
    look = select(Look.id).where(Look.submission_id == submission.id, Look.person_id == viewer.person_id)
    if session.scalar(look) is not None:
        _note_grade(session, viewer, submission)


def time_spent(session: Session, placements: Collection[UUID], *, had_draft: bool) -> TimeSpent:
    """The median of marked submissions of these activities, each with the time of all its markers."""
    each = (
        select(
            func.sum(Look.seconds).label("seconds"),
            func.max(case((Look.had_draft, 1), else_=0)).label("had_draft"),
        )
        .join(Submission, Submission.id == Look.submission_id)
        .where(
            Submission.placement_id.in_(placements),
            select(Review.id).where(Review.submission_id == Submission.id).exists(),
        )
        .group_by(Look.submission_id)
        .having(func.sum(Look.seconds) > 0)
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(each.c.seconds)
    count, seconds = session.execute(select(func.count(), median).where(each.c.had_draft == int(had_draft))).one()
    return TimeSpent(submissions=count, median=None if seconds is None else round(seconds))


def course_time(session: Session, viewer: Viewer) -> list[tuple[Placement | None, TimeSpent, TimeSpent]]:
    """Each activity of the course without and with drafts, and the course as a whole (None) first."""
    viewer.require(Capability.GRADE)
    placements = session.scalars(
        select(Placement)
        .where(Placement.course_id == viewer.course_id, Placement.points.is_not(None))
        .order_by(Placement.title, Placement.id)
    ).all()
    groups: list[tuple[Placement | None, list[UUID]]] = [(None, [placement.id for placement in placements])]
    groups += [(placement, [placement.id]) for placement in placements]
    rows = [
        (placement, time_spent(session, ids, had_draft=False), time_spent(session, ids, had_draft=True))
        for placement, ids in groups
    ]
    return [row for row in rows if row[0] is None or row[1].submissions or row[2].submissions]


def _note_grade(session: Session, viewer: Viewer, submission: Submission) -> None:
    """The grade that stands, unless it is of other work than this."""
    review = latest_review(session, submission)
    grade = session.get(Grade, review.grade_id) if review else None
    if review and grade and review.grade_version == grade.version:
        note_look(session, viewer, grade)
