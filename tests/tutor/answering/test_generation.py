"""A turn that could not be answered is said to be over, whoever watches it."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import viewer_for
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from lti_tool.tutor.answering.generation import answer_turn, seconds_between_deltas
from lti_tool.tutor.asking import ask
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.live_turn import LiveTurn
from lti_tool.tutor.models import Turn
from tests.fixtures.people import House, bind_launch


def test_whoever_watches_hears_that_a_turn_waited_too_long(session: Session, runtime: Runtime, house: House) -> None:
    write(session, SHOW_PRIVACY_NOTICE, False)
    launch = bind_launch(house, "student", PlacementKind.TUTOR, "browser")
    asked = ask(session, viewer_for(session, launch.id, "browser"), text="What?", client_key="key-00000001")
    session.execute(update(Turn).values(state="failed", error_code="node_lost", lease_until=None))
    heard: list[Frame] = []

    def send(_turn_id: UUID, frames: Sequence[Frame]) -> bool:
        heard.extend(frames)
        return True

    live = LiveTurn(asked.turn.id, asked.accepted)
    live.watch(asked.accepted.sequence, send)
    answer_turn(runtime, "node", live, "en")
    assert [(frame.kind, frame.body) for frame in heard] == [("error", {"code": "node_lost"})]


@pytest.mark.parametrize(("answers", "seconds"), [(0, 0.05), (50, 0.05), (100, 0.1), (250, 0.25), (2000, 0.25)])
def test_words_gather_longer_the_more_answers_are_written_at_once(answers: int, seconds: float) -> None:
    assert seconds_between_deltas(answers) == pytest.approx(seconds)
