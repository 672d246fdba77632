"""A turn that another node answers is looked at in time, whatever else goes on."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import func, text, update

from lti_tool.db import transaction
from lti_tool.runtime import Runtime
from lti_tool.tutor.asking import Asked
from lti_tool.tutor.live import elsewhere
from lti_tool.tutor.live.elsewhere import Elsewhere
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.models import Turn
from lti_tool.tutor.turns import CHANNEL
from tests.fixtures.people import build_house
from tests.tutor.live.conftest import ask_something


@pytest.fixture
def asked(committed_runtime: Runtime) -> Asked:
    """Committed: followers read with connections of their own."""
    with transaction(committed_runtime.engine) as session:
        return ask_something(session, build_house(session))


def test_news_of_other_turns_keeps_nobody_from_hearing_of_a_dead_node(
    committed_runtime: Runtime, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "SECONDS_BETWEEN_LOOKS", 0.5)
    engine, codes, ended = committed_runtime.engine, [], Event()

    def send(_turn_id: UUID, frames: Sequence[Frame]) -> bool:
        codes.extend(frame.body["code"] for frame in frames)
        ended.set()
        return True

    followed = Elsewhere(engine)
    followed.follow(asked.turn.id, asked.accepted.sequence, send)
    with transaction(engine) as session:
        session.execute(update(Turn).values(lease_until=func.now() - timedelta(seconds=1)))
    while not ended.wait(0.01):
        with transaction(engine) as session:
            session.execute(text(f"NOTIFY {CHANNEL}, 'another turn'"))
    followed.close()
    assert codes == ["node_lost"]
