"""The queue as a marker has chosen to see it: in their order, and all of it or their own share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.agreement.order import priorities
from lti_tool.grading.desk.allocation import students_of_marker
from lti_tool.grading.desk.models import Order
from lti_tool.grading.desk.moderation import marks_that_wait
from lti_tool.grading.desk.ordering import in_order, only_of
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.queue import QueueRow, queue_rows


def waiting_rows(session: Session, viewer: Viewer, activity: Placement) -> list[QueueRow]:
    """Every student, in the viewer's order."""
    order = Order(preference_of(session, viewer).queue_order)
    given = marks_that_wait(session, viewer, activity)
    rows = [replace(row, is_with_other=_is_given(row, given)) for row in queue_rows(session, viewer, activity)]
    return in_order(rows, viewer, order, _urgency(session, activity, order))


def own_share(session: Session, viewer: Viewer, activity: Placement, rows: Sequence[QueueRow]) -> Sequence[QueueRow]:
    """Only whom the viewer is to mark, where they asked for that."""
    if not preference_of(session, viewer).is_mine_only:
        return rows
    return only_of(rows, students_of_marker(session, viewer, activity))


def _is_given(row: QueueRow, given: Collection[UUID]) -> bool:
    return row.submission is not None and row.submission.id in given and not row.is_marked


def _urgency(session: Session, activity: Placement, order: Order) -> Mapping[UUID, Decimal]:
    """Only asked where the order needs it."""
    if order is not Order.PRIORITY:
        return {}
    return {work: priority.rank for work, priority in priorities(session, activity).items()}
