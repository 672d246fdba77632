"""A turn answered in the foreground: the question of a student, the scripted model, what was stored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import BURST_LIMIT, EMBEDDING_DEPLOYMENT
from lti_tool.site_settings.store import write
from lti_tool.tutor.answering.generation import answer_turn
from lti_tool.tutor.asking import ask
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.live_turn import LiveTurn
from lti_tool.tutor.models import Turn
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House, bind_launch
from tests.llm.conftest import configure


@dataclass(kw_only=True)
class Answered:
    """A turn as it is stored, and the frames that a browser would have got."""

    turn: Turn
    frames: list[Frame]

    @property
    def html(self) -> str:
        return "".join(frame.body["html"] for frame in self.frames if frame.kind == "block")

    def body(self, kind: str) -> dict[str, object]:
        return next(dict(frame.body) for frame in self.frames if frame.kind == kind)


Answer = Callable[..., Answered]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def asker(session: Session, house: House, material: None) -> Viewer:
    launch = bind_launch(house, "student", PlacementKind.TUTOR, "browser")
    return viewer_for(session, launch.id, "browser")


@pytest.fixture
def answer(session: Session, runtime: Runtime, asker: Viewer, model: ModelServer) -> Answer:
    """answer("What is osmosis?", "Water moves [1]."): asked, and answered by the model with that text."""
    configure(runtime.engine, runtime.secrets, model.url)
    write(session, EMBEDDING_DEPLOYMENT, "")
    write(session, BURST_LIMIT, 1000)

    def answered(question: str, text: str) -> Answered:
        model.reply(Reply(text=text))
        asked = ask(session, asker, text=question, client_key=str(uuid4()))
        session.flush()
        live, frames = LiveTurn(asked.turn.id, asked.accepted), []

        def send(_turn_id: object, sent: list[Frame]) -> bool:
            frames.extend(sent)
            return True

        live.watch(asked.accepted.sequence, send)  # type: ignore[arg-type]
        answer_turn(runtime, "node", live, "en")
        session.expire_all()
        return Answered(turn=session.get_one(Turn, asked.turn.id), frames=frames)

    return answered
