"""A node that cannot answer says so: nobody waits for a turn that nothing works on."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from lti_tool.runtime import Runtime
from lti_tool.tutor.asking import Asked
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.node import SAVES_BETWEEN_RENEWALS, TutorNode
from lti_tool.tutor.models import Turn


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[Thread]:
    """The threads that were to start, and did not."""
    threads: list[Thread] = []
    monkeypatch.setattr(Thread, "start", lambda thread: threads.append(thread))
    return threads


def test_a_turn_that_got_no_thread_ends_with_its_lease(
    session: Session, runtime: Runtime, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, heard = TutorNode(runtime), []

    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    def send(_turn_id: UUID, frames: Sequence[Frame]) -> bool:
        heard.extend((frame.kind, frame.body) for frame in frames)
        return True

    monkeypatch.setattr(Thread, "start", refuse)
    node.start(asked.turn.id, asked.accepted, "en")
    session.execute(update(Turn).values(lease_until=func.now() - timedelta(seconds=1)))
    node.follow(asked.turn.id, asked.accepted.sequence, send)
    assert heard == [("error", {"code": "node_lost"})]


def test_a_turn_that_is_tried_again_does_not_go_with_its_first_try(
    runtime: Runtime, asked: Asked, waiting: list[Thread]
) -> None:
    """Whoever hears of a failure may answer it before the thread that failed has come to its end."""
    node = TutorNode(runtime)
    for _try in range(2):
        node.start(asked.turn.id, asked.accepted, "en")
    _keeper, first, _second = waiting
    first.run()
    heard = []
    node.follow(asked.turn.id, 0, lambda _turn_id, frames: heard.extend(frame.kind for frame in frames) or True)
    assert heard == ["accepted"]


def test_a_turn_whose_thread_has_not_got_to_it_yet_is_not_taken_for_lost(
    runtime: Runtime, asked: Asked, waiting: list[Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = TutorNode(runtime)
    node.start(asked.turn.id, asked.accepted, "en")
    seen = []
    monkeypatch.setattr("lti_tool.tutor.live.node.save", lambda _session, _node, growing: seen.extend(growing))
    for _ in range(SAVES_BETWEEN_RENEWALS):
        node.save_all()
    assert (len(waiting), seen) == (2, [])
