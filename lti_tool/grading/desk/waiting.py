"""The queue as a marker has chosen to see it: in their order, and all of it or their own share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.agreement.order import Priority, priorities
from lti_tool.grading.desk.allocation import students_of_marker
from lti_tool.grading.desk.models import IndependentMark, Order
from lti_tool.grading.desk.moderation import BOTH, independent_marks
from lti_tool.grading.desk.ordering import in_order, only_of
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.queue import QueueRow, queue_rows


def waiting_rows(session: Session, viewer: Viewer, activity: Placement) -> list[QueueRow]:
    """Every student, in the viewer's order."""
    order = Order(preference_of(session, viewer).queue_order)
    rows = _between_markers(session, viewer, activity, queue_rows(session, viewer, activity))
    known = priorities(session, activity) if order is Order.PRIORITY else {}
    return in_order([_with_priority(row, known) for row in rows], viewer, order)


def own_share(session: Session, viewer: Viewer, activity: Placement, rows: Sequence[QueueRow]) -> Sequence[QueueRow]:
    """Only whom the viewer is to mark, where they asked for that."""
    if not preference_of(session, viewer).is_mine_only:
        return rows
    return only_of(rows, students_of_marker(session, viewer, activity))


def _between_markers(
    session: Session, viewer: Viewer, activity: Placement, rows: Sequence[QueueRow]
) -> Sequence[QueueRow]:
    """How far each work is where two people mark it."""
    if not marking_options(activity).has_two_markers:
        return rows
    given = independent_marks(session, activity)
    return [_between(row, viewer, given.get(row.submission.id, [])) if row.submission else row for row in rows]


def _between(row: QueueRow, viewer: Viewer, marks: Sequence[IndependentMark]) -> QueueRow:
    if row.is_marked:
        return row
    is_independent = len(marks) < BOTH
    has_own = viewer.person_id in {mark.marker_id for mark in marks}
    return replace(
        row,
        is_independent=is_independent,
        is_with_other=is_independent and has_own,
        is_to_decide=not is_independent,
    )


def _with_priority(row: QueueRow, known: Mapping[UUID, Priority]) -> QueueRow:
    """What a draft says would make two independent marks one: nothing is told before both are in."""
    if row.submission is None or row.is_independent:
        return row
    return replace(row, priority=known.get(row.submission.id))
