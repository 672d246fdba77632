"""Send everything that is due: many people at once, each person's grades in order.

Threads only talk to the platform; this one writes down what came of it, a few at a time, so a batch costs few
transactions and none is open while the platform answers. A kill leaves at most the batch uncertain, never lost.
"""

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing

from lti_tool.db import transaction
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.deliveries import AssignmentDelivery, ColumnDelivery, Delivery, Sent
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.push import send
from lti_tool.gradebook.settlement import settle
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.clearance import Clearance
from lti_tool.lti.services import PlatformConnector
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature

SENDERS = 20
WINDOW = 2 * SENDERS
"""Claimed at once: few enough that the slowest platform leaves none unsent when the lease ends."""
CHECKED_FOR = 0.5
"""Seconds for which a sender trusts the switch and the token it has read."""


def push_due(runtime: Runtime) -> int:
    """Send what is due; how many were tried. What falls due meanwhile has its own nudge."""
    tried = 0
    waiting: dict[Future[Sent], Delivery] = {}
    is_more = True
    with closing(_Connectors(runtime)) as connectors, ThreadPoolExecutor(SENDERS, "push") as pool:
        while is_more or waiting:
            if is_more and len(waiting) <= SENDERS:
                deliveries = _claimed(runtime, WINDOW - len(waiting))
                waiting |= {pool.submit(connectors.deliver, delivery): delivery for delivery in deliveries}
                tried, is_more = tried + len(deliveries), bool(deliveries)
            _settle_done(runtime, waiting)
    return tried


def push_clearance(runtime: Runtime, access: PlatformAccess, course_id: int, *, checked_for: float = 0) -> Clearance:
    """The clearance for all calls about grades."""
    return Clearance(
        engine=runtime.engine,
        secrets=runtime.secrets,
        access=access,
        feature=Feature.GRADE_PUSH,
        course_id=course_id,
        checked_for=checked_for,
    )


class _Connectors:
    """A clearance per registration and course, shared; a connector per thread, so that connections are kept open."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._lock, self._own = runtime, threading.Lock(), threading.local()
        self._clearances: dict[tuple[int, int], Clearance] = {}
        self._all: list[PlatformConnector] = []

    def of(self, delivery: ColumnDelivery) -> PlatformConnector:
        mine: dict[Clearance, PlatformConnector] = self._own.__dict__.setdefault("mine", {})
        clearance = self._clearance(delivery)
        if clearance not in mine:
            mine[clearance] = PlatformConnector(clearance)
            self._all.append(mine[clearance])
        return mine[clearance]

    def _clearance(self, delivery: ColumnDelivery) -> Clearance:
        key = delivery.access.registration_id, delivery.course_id
        with self._lock:
            if key not in self._clearances:
                self._clearances[key] = push_clearance(
                    self._runtime, delivery.access, delivery.course_id, checked_for=CHECKED_FOR
                )
            return self._clearances[key]

    def deliver(self, delivery: Delivery) -> Sent:
        if isinstance(delivery, AssignmentDelivery):
            return send_to_assignment(self._runtime, delivery)
        assert isinstance(delivery, ColumnDelivery)
        return send(self.of(delivery), delivery)

    def close(self) -> None:
        for connector in self._all:
            connector.close()


def _claimed(runtime: Runtime, limit: int) -> list[Delivery]:
    with transaction(runtime.engine) as session:
        return claim(session, limit)


def _settle_done(runtime: Runtime, waiting: dict[Future[Sent], Delivery]) -> None:
    """Write down whatever has come back by now, and forget it."""
    if not waiting:
        return
    done = wait(waiting, return_when=FIRST_COMPLETED).done
    with transaction(runtime.engine) as session:
        settle(session, [(waiting.pop(future), future.result()) for future in done])
