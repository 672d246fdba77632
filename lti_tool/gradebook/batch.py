"""Send everything that is due: many people at once, each person's grades in order.

Threads only talk to the platform; this one writes down what came of it, a few at a time, so a batch costs few
transactions and none is open while the platform answers. A kill leaves at most the batch uncertain, never lost.
"""

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lti_tool.db import transaction
from lti_tool.gradebook.deliveries import Delivery, Sent
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.push import send
from lti_tool.gradebook.settlement import settle
from lti_tool.lti.services import PlatformConnector
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature

SENDERS = 12
BATCH = 3 * SENDERS
"""Few enough that the slowest platform leaves none unsent when the lease ends."""


def push_due(runtime: Runtime) -> int:
    """Send until nothing is due; how many were tried."""
    tried = 0
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="push") as pool:
        connectors = _Connectors(runtime)
        while deliveries := _claimed(runtime):
            futures = {pool.submit(_deliver, connectors, delivery): delivery for delivery in deliveries}
            _settle_as_they_come(runtime, futures)
            tried += len(deliveries)
    connectors.close()
    return tried


class _Connectors:
    """One connector per thread, registration and course, so that connections are kept open but never shared."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._own = runtime, threading.local()
        self._all: list[PlatformConnector] = []

    def of(self, delivery: Delivery) -> PlatformConnector:
        mine: dict[tuple[int, int], PlatformConnector] = self._own.__dict__.setdefault("mine", {})
        key = delivery.access.registration_id, delivery.course_id
        if key not in mine:
            mine[key] = PlatformConnector(
                engine=self._runtime.engine,
                secrets=self._runtime.secrets,
                access=delivery.access,
                feature=Feature.GRADE_PUSH,
                course_id=delivery.course_id,
            )
            self._all.append(mine[key])
        return mine[key]

    def close(self) -> None:
        for connector in self._all:
            connector.close()


def _claimed(runtime: Runtime) -> list[Delivery]:
    with transaction(runtime.engine) as session:
        return claim(session, BATCH)


def _deliver(connectors: _Connectors, delivery: Delivery) -> Sent:
    return send(connectors.of(delivery), delivery)


def _settle_as_they_come(runtime: Runtime, futures: dict[Future[Sent], Delivery]) -> None:
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        with transaction(runtime.engine) as session:
            for future in done:
                settle(session, futures[future], future.result())
