"""A platform that fails at random, before a call has its effect or after it (for benchmarks/scan_push.py).

It is the fake platform of the tests over real HTTP: with a chance, a call is answered by an error page, a gateway's
time-out or silence instead of what it deserves; half of the time what it asked for has been done all the same.
"""

import random
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.fakes.services import Canned, FakeServices, Received

HTML = "<html><body><h1>Bad gateway</h1></body></html>"
FAILURES = (
    Canned(hang_up=True),
    Canned(502, HTML, content_type="text/html"),
    Canned(503, "", {"Retry-After": "0"}),
    Canned(504, HTML, content_type="text/html"),
)
"""No 500: Moodle says so that a grade is locked, and whoever hears it often enough must believe it."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the platform took, in order, what it holds, and how often it was called."""

    accepted: list[tuple[str, float]]
    held: dict[str, float | None]
    calls: Counter[str]


class FailingPlatform(FakeServices):
    """Answers as Moodle does, unless chance is against it."""

    chance = 0.0

    def __init__(self, *, seed: int, delay: float) -> None:
        super().__init__(delay=delay)
        self.luck = random.Random(seed)
        self.calls: Counter[str] = Counter()

    def answer(self, request: Received) -> Canned:
        if len(request.body.encode()) < int(request.headers.get("content-length", 0)):
            # Its sender was killed while it sent.
            return Canned(hang_up=True)
        with self._lock:
            self.calls[request.name] += 1
            moment = self.luck.random()
            if moment >= self.chance:
                return self._real(request)
            if moment < self.chance / 2:
                self._real(request)
            return self.luck.choice(FAILURES)

    def seen(self) -> Seen:
        with self._lock:
            return Seen(
                accepted=[(score["userId"], score["scoreGiven"]) for score in self.accepted],
                held={user: held.score for user, held in self.held.items()},
                calls=self.calls.copy(),
            )

    def forget(self) -> None:
        with self._lock:
            self.accepted.clear()
            self.held.clear()
            self.calls.clear()


def serve(pipe: Connection, seed: int, delay: float) -> None:
    """The platform in a process of its own, which a kill of the workers does not touch."""
    with FailingPlatform(seed=seed, delay=delay) as platform:
        pipe.send(platform.url)
        while (order := pipe.recv()) is not None:
            _obey(platform, pipe, *order)


def _obey(platform: FailingPlatform, pipe: Connection, order: str, value: Any = None) -> None:
    if order == "chance":
        platform.chance = value
    elif order == "keys":
        platform.tool_keys = lambda: value  # type: ignore[method-assign]  # bound now
    elif order == "token":
        platform.tokens.add(value)
    elif order == "forget":
        platform.forget()
    elif order == "count":
        pipe.send(sum(platform.calls.values()))
    else:
        pipe.send(platform.seen())
