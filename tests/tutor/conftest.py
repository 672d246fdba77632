"""Course material, a model server, and the tool on real ports: as many nodes as a test wants, on one database."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from flask import Flask
from simple_websocket import Client, ConnectionClosed
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.accounts.models import PlacementKind
from lti_tool.app import create_app
from lti_tool.content.lexemes import terms_of, vector_of
from lti_tool.content.models import Chunk, Document, Source
from lti_tool.db import now, transaction
from lti_tool.files.models import StoredFile
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import BURST_LIMIT, EMBEDDING_DEPLOYMENT, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import FrameKind, Turn, TurnFrame
from lti_tool.tutor.turns import fail_abandoned
from lti_tool.tutor.views import NODE
from lti_tool.web.browser_cookie import NAME
from lti_tool.web.csrf import FIELD, csrf_token
from tests.fakes.model_server import ModelServer
from tests.fixtures.patience import PATIENCE
from tests.fixtures.people import House, bind_launch, build_house
from tests.llm.conftest import configure

MATERIAL = {
    "Cells.pdf": ["Osmosis is the movement of water through a membrane.", "Mitochondria make most of the ATP."],
    "Plants.pdf": ["Photosynthesis turns light into sugar within the chloroplasts."],
}


def add_material(
    session: Session, course_id: int, material: dict[str, list[str]] = MATERIAL, *, is_visible: bool = True
) -> None:
    """Sources as indexing leaves them: one page a chunk."""
    for title, texts in material.items():
        file = StoredFile(course_id=course_id, sha256="0" * 64, size=1, media_type="application/pdf", name=title)
        session.add(file)
        session.flush()
        source = Source(
            course_id=course_id,
            title=title,
            file_id=file.id,
            state="succeeded",
            changed_at=now(),
            is_visible_to_students=is_visible,
        )
        session.add(source)
        session.flush()
        document = Document(source_id=source.id, sha256="0" * 64, extraction=1, pages=len(texts), indexed_at=now())
        session.add(document)
        session.flush()
        for page, text in enumerate(texts, start=1):
            terms = Counter(terms_of(text))
            session.add(
                Chunk(
                    course_id=course_id,
                    source_id=source.id,
                    document_id=document.id,
                    position=page,
                    page=page,
                    heading=text.split()[0],
                    sha256="0" * 64,
                    term_count=terms.total(),
                    text=text,
                    tsv=vector_of(course_id, terms),
                )
            )
        session.flush()


class Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """A test's output is the test's."""


@dataclass(kw_only=True)
class Node:
    """One process of the tool, so to speak: its own application and turns, on its own port."""

    app: Flask
    origin: str

    @property
    def tutor(self) -> TutorNode:
        node: TutorNode = self.app.extensions[NODE]
        return node


@dataclass(kw_only=True)
class Seat:
    """A browser of somebody, bound to a launch."""

    launch_id: UUID
    browser_id: str

    def headers(self, node: Node, **changes: str) -> dict[str, str]:
        return {"Origin": node.origin, "Cookie": f"{NAME}={self.browser_id}"} | changes


@dataclass(kw_only=True)
class Campus:
    """A committed house, nodes that serve it, and the model that answers."""

    runtime: Runtime
    house: House
    model: ModelServer
    stack: ExitStack
    clients: list[Client] = field(default_factory=list)

    def node(self) -> Node:
        """Start another node."""
        return self.stack.enter_context(_served(self.runtime))

    def configure_model(self) -> None:
        """A chat model alone: questions for vectors would take the replies that a test has scripted."""
        configure(self.runtime.engine, self.runtime.secrets, self.model.url)
        with transaction(self.runtime.engine) as session:
            write(session, EMBEDDING_DEPLOYMENT, "")

    def seat(self, name: str = "student", browser_id: str | None = None, **changes: Any) -> Seat:
        """A launch of that person, in a browser of its own unless told."""
        chosen = browser_id or f"browser-{uuid4()}"
        with transaction(self.runtime.engine) as session:
            self.house.session = session
            launch = bind_launch(self.house, name, PlacementKind.TUTOR, chosen, **changes)
        return Seat(launch_id=launch.id, browser_id=chosen)

    def turn(self) -> Turn:
        """The one turn there is, as it is stored."""
        with transaction(self.runtime.engine) as session:
            return session.scalars(select(Turn)).one()

    def stored_blocks(self) -> list[str]:
        with transaction(self.runtime.engine) as session:
            blocks = select(TurnFrame.body).where(TurnFrame.kind == FrameKind.BLOCK).order_by(TurnFrame.sequence)
            return [body["html"] for body in session.scalars(blocks)]

    def expire_leases(self) -> None:
        with transaction(self.runtime.engine) as session:
            session.execute(update(Turn).values(lease_until=func.now() - timedelta(seconds=1)))

    def take_turns_away(self) -> None:
        """As if the leases had run out: at one blow, for the node renews them in between."""
        with transaction(self.runtime.engine) as session:
            session.execute(update(Turn).values(lease_until=func.now() - timedelta(seconds=1)))
            fail_abandoned(session)

    def handshake(self, node: Node, seat: Seat, **headers: str) -> int:
        """The status with which the request for a socket is answered."""
        wanted = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        connection = HTTPConnection(node.origin.removeprefix("http://"), timeout=PATIENCE)
        with closing(connection):
            address = f"/l/{seat.launch_id}/tutor/socket"
            connection.request("GET", address, headers=seat.headers(node, **headers) | wanted)
            return connection.getresponse().status

    def connect(self, node: Node, seat: Seat, **headers: str) -> "Line":
        address = f"{node.origin.replace('http', 'ws')}/l/{seat.launch_id}/tutor/socket"
        line = Line(Client.connect(address, headers=seat.headers(node, **headers)))
        self.stack.callback(line.leave)
        return line

    def get(self, node: Node, seat: Seat, path: str, **headers: str) -> requests.Response:
        address = f"{node.origin}/l/{seat.launch_id}/tutor/{path}"
        return requests.get(address, headers=seat.headers(node, **headers), timeout=PATIENCE)

    def post(self, node: Node, seat: Seat, path: str, data: dict[str, str], **headers: str) -> requests.Response:
        with node.app.app_context():
            token = csrf_token(seat.launch_id, seat.browser_id)
        address = f"{node.origin}/l/{seat.launch_id}/tutor/{path}"
        return requests.post(address, {FIELD: token} | data, headers=seat.headers(node, **headers), timeout=PATIENCE)


class Line:
    """The browser's end of a socket."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def say(self, **message: object) -> None:
        self.client.send(json.dumps(message))

    def ask(self, text: str, key: str | None = None) -> str:
        chosen = key or str(uuid4())
        self.say(type="ask", key=chosen, text=text)
        return chosen

    def hear(self) -> dict[str, Any]:
        text = self.client.receive(timeout=PATIENCE)
        assert text is not None, "nothing came"
        event: dict[str, Any] = json.loads(text)
        return event

    def until(self, *types: str) -> list[dict[str, Any]]:
        """All events up to the first of one of these types."""
        heard = [self.hear()]
        while heard[-1]["type"] not in types:
            assert heard[-1]["type"] not in {"done", "error", "refused"}, heard[-1]
            heard.append(self.hear())
        return heard

    def close_code(self) -> int:
        """With which code the server closes the socket."""
        with pytest.raises(ConnectionClosed) as closed:
            self.hear()
        return int(closed.value.reason)

    def leave(self) -> None:
        if self.client.connected:
            self.client.close()


@contextmanager
def _served(runtime: Runtime) -> Iterator[Node]:
    apps: list[Flask] = []
    server = make_server(
        "127.0.0.1",
        0,
        lambda *call: apps[0](*call),
        threaded=True,
        request_handler=Quiet,  # type: ignore[arg-type]
    )
    origin = f"http://127.0.0.1:{server.server_port}"
    apps.append(create_app(replace(runtime, settings=replace(runtime.settings, public_url=origin))))
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    node = Node(app=apps[0], origin=origin)
    yield node
    node.tutor.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def campus(committed_runtime: Runtime) -> Iterator[Campus]:
    """No privacy notice and no hurry: tests of those switch them on."""
    with transaction(committed_runtime.engine) as session:
        house = build_house(session)
        add_material(session, house.course.id)
        write(session, SHOW_PRIVACY_NOTICE, False)
        write(session, BURST_LIMIT, 1000)
    with ModelServer() as model, ExitStack() as stack:
        yield Campus(runtime=committed_runtime, house=house, model=model, stack=stack)


@pytest.fixture
def material(session: Session, house: House) -> None:
    """The course's material, and no notice in the way."""
    add_material(session, house.course.id)
    write(session, SHOW_PRIVACY_NOTICE, False)
