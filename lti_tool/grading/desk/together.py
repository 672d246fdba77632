"""One mark for the work of a group: whoever marks says which members it is for, and anybody may differ.

Each member has a review, a grade and an approval of their own, and each grade reaches Moodle for one person: Moodle's
own "apply to all" would take a member's mark away who was given another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.looks import note_look
from lti_tool.gradebook.models import Grade
from lti_tool.grading.activities import lock_work
from lti_tool.grading.assignments.teams import same_work_of_others
from lti_tool.grading.desk.moderation import reconcile, save_mark
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.pagemarks.keeping import COLUMNS, marks_in_work
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.queue import QueueRow
from lti_tool.grading.reviewing import latest_review

HANDED_ON = "team:"


@dataclass(frozen=True, kw_only=True)
class Member:
    """Another member of the group. `is_in_step`: nothing was decided for them, or just what was for this one."""

    submission: Submission
    name: str
    review: Review | None
    is_in_step: bool

    @property
    def seen(self) -> int:
        return self.review.version if self.review else 0


def members_beside(session: Session, submission: Submission, rows: Sequence[QueueRow]) -> list[Member]:
    """Whose else the work is, called as the queue calls them."""
    names = {row.submission.id: row.name for row in rows if row.submission is not None}
    latest = latest_review(session, submission)
    found = [(work, latest_review(session, work)) for work in same_work_of_others(session, submission)]
    return [
        Member(submission=work, name=names[work.id], review=review, is_in_step=_is_in_step(review, latest))
        for work, review in found
        if work.id in names
    ]


def save_marks(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    submission: Submission,
    marking: Marking,
    members: Sequence[str],
) -> None:
    """The viewer's own mark, one of two, for the work and the picked members (`<submission>:<seen version>`)."""
    for work, filled in _each(session, placement, submission, marking, members):
        save_mark(session, viewer, placement, work, filled)


def decide(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    submission: Submission,
    marking: Marking,
    members: Sequence[str],
) -> list[Grade]:
    """The review for the work and the picked members; the grades, that of the work first."""
    grades = {}
    for work, filled in _each(session, placement, submission, marking, members):
        if work is not submission:
            _hand_on_page_marks(session, submission, work)
        grades[work.id] = reconcile(session, viewer, placement, work, filled)
        if work is not submission:
            # It is the same work that the viewer has before them.
            note_look(session, viewer, grades[work.id])
    return [grades.pop(submission.id), *grades.values()]


def _each(
    session: Session, placement: Placement, submission: Submission, marking: Marking, members: Sequence[str]
) -> Iterator[tuple[Submission, Marking]]:
    """Each work with its form, everybody locked first and in one order. Raises InvalidInput."""
    picked = dict(value.partition(":")[::2] for value in members)
    others = {str(work.id): work for work in same_work_of_others(session, submission)}
    if not picked.keys() <= others.keys() or not all(seen.isascii() and seen.isdecimal() for seen in picked.values()):
        raise InvalidInput("member_unknown", "The group has changed meanwhile. Look at its work again.")
    works = [submission, *(others[name] for name in picked)]
    for person_id in sorted(work.person_id for work in works):
        lock_work(session, placement, person_id)
    yield submission, marking
    for name, seen in picked.items():
        yield others[name], replace(marking, seen=int(seen[:18]), marks_seen=None)


def _is_in_step(review: Review | None, latest: Review | None) -> bool:
    return review is None or (latest is not None and _content(review) == _content(latest))


def _content(review: Review) -> tuple[object, ...]:
    ticks = sorted((tick.criterion_id, tick.level_id or 0, tick.points, tick.comment) for tick in review.ticks)
    return review.rubric_id, review.points, review.feedback, ticks


def _hand_on_page_marks(session: Session, submission: Submission, to: Submission) -> None:
    """What stands on the pages is handed on anew each time, unless a member's pages have marks of their own."""
    handed_on = PageMark.client_key.startswith(HANDED_ON)
    session.execute(delete(PageMark).where(PageMark.submission_id == to.id, handed_on))
    own = select(PageMark.id).where(PageMark.submission_id == to.id)
    if session.scalar(own.limit(1)) is None:
        for mark in marks_in_work(session, submission):
            columns = {name: getattr(mark, name) for name in COLUMNS}
            session.add(PageMark(submission_id=to.id, owner_id=None, client_key=f"{HANDED_ON}{mark.id}", **columns))
    session.flush()
