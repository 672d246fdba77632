"""The order of the queue: by name, by time, what needs a person most first, or by lot against order effects."""

import hashlib
from collections.abc import Collection, Sequence
from decimal import Decimal

from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.desk.models import Order
from lti_tool.grading.queue import QueueRow


def in_order(rows: Sequence[QueueRow], viewer: Viewer, order: Order) -> list[QueueRow]:
    """The rows as the viewer wants them; who has handed in nothing stands last. Rows come by name."""
    if order is Order.TIME:
        return sorted(rows, key=_handed_in_at)
    if order is Order.PRIORITY:
        return sorted(rows, key=_urgency, reverse=True)
    if order is Order.RANDOM:
        return sorted(rows, key=lambda row: (row.submission is None, _lot(viewer, row)))
    return list(rows)


def only_of(rows: Sequence[QueueRow], person_ids: Collection[int]) -> list[QueueRow]:
    """The rows of these students."""
    return [row for row in rows if row.person.id in person_ids]


def _handed_in_at(row: QueueRow) -> float:
    submitted_at = row.submission.submitted_at if row.submission else None
    return submitted_at.timestamp() if submitted_at else float("inf")


def _urgency(row: QueueRow) -> tuple[bool, Decimal]:
    return row.submission is not None, row.priority.rank if row.priority else Decimal(0)


def _lot(viewer: Viewer, row: QueueRow) -> str:
    """The same for a marker each time, another for each marker."""
    drawn = f"{viewer.person_id}:{row.submission.id if row.submission else row.person.id}"
    return hashlib.sha256(drawn.encode()).hexdigest()
