"""Streaming an answer, from the model server to the browser (targets.md).

    python -m benchmarks.stream [--only idle cpu first-token] [--streams 200 500] [--rounds 5] [--idle 2000]

1. Idle sockets on one node that has just begun: `/healthz` and memory; again at the end, when it has streamed.
2. CPU time of the web processes a streamed token, beside a flask-sock view that loops over the openai client's event
   objects and sends a frame a token, and stores nothing.
3. First token: what the tool adds to the model server's own, with 200 and 500 streams of 50 tokens a second open at
   once; new questions come as old answers end. Ten times a second the model server itself is asked meanwhile: that is
   its own first token at the same load. "Passing on" is from the moment at which the model server sent the first
   token to the browser, "in all" from the question to the browser less the model server's own, so with storing the
   question, finding passages and the prompt.

Model server, tool (two gunicorn workers), PostgreSQL and load share this machine. Browsers answer pings; a connection
that closes while an answer is open counts as the ending "closed".
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import requests
from flask import Flask
from flask_sock import Sock
from openai import OpenAI
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source
from benchmarks.schema import make_schema
from lti_tool.accounts.models import BoundLaunch, Course, Membership, Person, Role
from lti_tool.accounts.viewer import browser_hash
from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.db import engine_for, now, transaction
from lti_tool.embedded_postgres import EmbeddedPostgres
from lti_tool.lti.models import Deployment, Platform, Registration
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets
from lti_tool.server import WebServer
from lti_tool.site_settings.catalogue import (
    ALLOWED_HOSTS,
    BURST_LIMIT,
    CHAT_DEPLOYMENT,
    DAILY_LIMIT,
    ENABLED,
    ENDPOINT,
    SHOW_PRIVACY_NOTICE,
)
from lti_tool.site_settings.chat import ENABLE_SUGGESTIONS
from lti_tool.site_settings.store import write
from lti_tool.startup import POOL

DELAY, RATE, TOKENS = 0.2, 50, 400
PHASES = 8
"""Moments between two tokens at which answers that began at different times say theirs."""
BETWEEN_DIRECT = 0.1
IN_A_COURSE = 25
PATIENCE = 45
"""Seconds without an ending, after which nothing more will come: longer than an answer and the lease of a lost turn."""
WORKERS = 2
PING, PONG = 9, 10
MOST_ADDED = {200: 15.0, 500: 600.0}
MOST_RATIO, MOST_HEALTH_MS, MOST_IDLE_MB = 0.5, 50.0, 250.0
TEXT = "Osmosis is the movement of water through a membrane that keeps back what is dissolved in it."
QUESTION = "How does osmosis move water through a membrane?"


class Metronome:
    """Has every answer say its next token when its phase is due; a timer for each of them would cost the most."""

    def __init__(self) -> None:
        self.phases: list[set[ModelServer]] = [set() for _ in range(PHASES)]
        self.beats = 0

    def join(self, answer: "ModelServer") -> None:
        """The first token is said at the next beat."""
        self.phases[self.beats % PHASES].add(answer)

    async def run(self) -> None:
        begin = time.monotonic()
        while True:
            await asyncio.sleep(max(0.0, begin + self.beats / (RATE * PHASES) - time.monotonic()))
            phase = self.phases[self.beats % PHASES]
            self.beats += 1
            said = f"{time.monotonic():.4f}"
            # As in prose, a paragraph ends now and then.
            word, last_of_paragraph = (
                in_chunk(EVENT.replace(b"TOKEN", f"{said}{end}".encode())) for end in (" ", "\\n\\n")
            )
            phase.difference_update([one for one in phase if not one.say(word, last_of_paragraph)])


class ModelServer(asyncio.Protocol):
    """Answers every request with tokens, each the moment at which it was sent; cheap, for it shares the machine."""

    def __init__(self, metronome: Metronome) -> None:
        self.metronome = metronome

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.received = b""

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            self.received = b""
            self.transport.write(HEAD)
            self.said = 0
            asyncio.get_running_loop().call_later(DELAY, self.metronome.join, self)

    def say(self, word: bytes, last_of_paragraph: bytes) -> bool:
        """Whether there is more to say, and somebody listens."""
        if self.transport is None:
            return False
        self.said += 1
        self.transport.write(word if self.said % 50 else last_of_paragraph)
        if self.said == TOKENS:
            self.transport.write(in_chunk(STOP) + in_chunk(b"data: [DONE]\n\n") + in_chunk(b""))
        return self.said < TOKENS


def event_of(delta: dict[str, str], reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    made = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(made)}\n\n".encode()


def in_chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT, STOP = event_of({"content": "TOKEN"}, None), event_of({}, "stop")


def serve_model(port: int) -> None:
    async def serve() -> None:
        metronome = Metronome()
        await asyncio.get_running_loop().create_server(lambda: ModelServer(metronome), "127.0.0.1", port, backlog=1024)
        await metronome.run()

    asyncio.run(serve())


def serve_tool(settings: Settings) -> None:
    def application() -> Flask:
        engine = engine_for(settings.database_url or "", **POOL)
        return create_app(Runtime(settings=settings, engine=engine, secrets=load_secrets(settings.keys_dir)))

    WebServer(settings, application).run()


def serve_loop(settings: Settings, model_port: int) -> None:
    """What a straightforward tool does: the client's event objects, a frame a token."""

    def application() -> Flask:
        app = Flask("loop")
        client = OpenAI(base_url=f"http://127.0.0.1:{model_port}/v1", api_key="none", max_retries=0)

        @Sock(app).route("/socket")
        def converse(ws: Any) -> None:
            while True:
                text = json.loads(ws.receive())["text"]
                messages = [{"role": "user", "content": text}]
                for event in client.chat.completions.create(model="m", messages=messages, stream=True):
                    for choice in event.choices:
                        ws.send(json.dumps({"type": "delta", "text": choice.delta.content or ""}))
                ws.send(json.dumps({"type": "done"}))

        @app.get("/healthz")
        def health() -> str:
            return "ok"

        return app

    WebServer(settings, application).run()


@dataclass(kw_only=True)
class Seen:
    """What the load saw; seconds."""

    passing_on: list[float] = field(default_factory=list)
    first_token: list[float] = field(default_factory=list)
    of_model: list[float] = field(default_factory=list)
    frames: int = 0
    endings: Counter[str] = field(default_factory=Counter)


class Browser(asyncio.Protocol):
    """One socket that asks a question and reads frames; it parses no more than it measures."""

    def __init__(self, path: str, origin: str, cookie: str, seen: Seen, ended: Callable[["Browser"], None]) -> None:
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: {urlsplit(origin).netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: {origin}\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()
        self.seen, self.ended = seen, ended
        self.buffer = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked_at: float | None = None
        self.is_waiting = False
        self.path = path

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.opened.done():
            if b"\r\n\r\n" not in self.buffer:
                return
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(RuntimeError(head[:200].decode()))
                return
            self.opened.set_result(None)
        while (frame := self.next_frame()) is not None:
            code, payload = frame
            if code == PING:
                self.transport.write(bytes([0x80 | PONG, 0x80 | len(payload)]) + bytes(4) + payload)
            else:
                self.take(payload)

    def connection_lost(self, _: Exception | None) -> None:
        if self.is_waiting:
            self.end("closed")

    def end(self, how: str) -> None:
        self.seen.endings[how] += 1
        self.asked_at, self.is_waiting = None, False
        self.ended(self)

    def next_frame(self) -> tuple[int, bytes] | None:
        if len(self.buffer) < 2:
            return None
        code = self.buffer[0] & 0x0F
        length, start = self.buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(self.buffer[2:4], "big"), 4
        if len(self.buffer) < start + length:
            return None
        frame, self.buffer = self.buffer[start : start + length], self.buffer[start + length :]
        return code, frame

    def ask(self) -> None:
        if self.transport.is_closing():
            self.end("closed")
            return
        self.asked_at, self.is_waiting = time.monotonic(), True
        payload = json.dumps({"type": "ask", "key": str(uuid4()), "text": QUESTION}).encode()
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        # The mask of zeros leaves the payload as it is.
        self.transport.write(b"\x81" + size + bytes(4) + payload)

    def take(self, frame: bytes) -> None:
        if b'"delta"' in frame[:20]:
            self.first_token(frame)
            self.seen.frames += 1
            return
        for last in (b'"done"', b'"error"', b'"refused"'):
            if last in frame[:20]:
                event = json.loads(frame)
                self.end(event.get("outcome") or event.get("code") or event["type"])

    def first_token(self, frame: bytes) -> None:
        if self.asked_at is None:
            return
        moment = time.monotonic()
        self.seen.passing_on.append(moment - float(json.loads(frame)["text"].split()[0]))
        self.seen.first_token.append(moment - self.asked_at)
        self.asked_at = None


class Direct(asyncio.Protocol):
    """Asks the model server itself, as the tool would, and hangs up with the first token."""

    def __init__(self, took: list[float]) -> None:
        self.took = took

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.asked_at = time.monotonic()
        self.transport.write(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")

    def data_received(self, data: bytes) -> None:
        if b"data:" in data:
            self.took.append(time.monotonic() - self.asked_at)
            self.transport.close()


async def ask_directly(model_port: int, took: list[float]) -> None:
    while True:
        await asyncio.get_running_loop().create_connection(lambda: Direct(took), "127.0.0.1", model_port)
        await asyncio.sleep(BETWEEN_DIRECT)


async def load(address: str, paths: list[tuple[str, str]], turns: int, model_port: int) -> Seen:
    """Open all sockets; ask one by one over the length of an answer, then each again when it has its answer."""
    seen, done = Seen(), asyncio.Event()
    left = Counter({path: turns for path, _ in paths})
    parts = urlsplit(address)
    loop = asyncio.get_running_loop()

    def ended(browser: Browser) -> None:
        left[browser.path] -= 1
        if left[browser.path] > 0:
            browser.ask()
        elif not +left:
            done.set()

    browsers = []
    for path, cookie in paths:
        browser = Browser(path, address, cookie, seen, ended)
        await loop.create_connection(lambda browser=browser: browser, parts.hostname, parts.port)
        await browser.opened
        browsers.append(browser)
    directly = asyncio.create_task(ask_directly(model_port, seen.of_model))
    gap = (DELAY + TOKENS / RATE) / len(browsers)
    for browser in browsers:
        browser.ask()
        await asyncio.sleep(gap)
    await wait_while_some_end(done, seen.endings)
    if not done.is_set():
        print(f"  none ended within {PATIENCE} s: {dict(seen.endings)}, {(+left).total()} missing")
    directly.cancel()
    for browser in browsers:
        browser.transport.close()
    return seen


async def wait_while_some_end(done: asyncio.Event, endings: Counter[str]) -> None:
    counted = -1
    while not done.is_set() and counted != endings.total():
        counted = endings.total()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PATIENCE)


class Processes:
    """A web server in a process of its own, and what it and its workers used."""

    def __init__(self, target: Callable[..., None], *arguments: object, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)

    def __enter__(self) -> "Processes":
        self.process.start()
        for _ in range(900):
            try:
                requests.get(f"{self.address}/healthz", timeout=1)
                return self
            except requests.RequestException:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        # The whole group of gunicorn's master ends with it.
        self.process.terminate()
        self.process.join(30)

    @property
    def family(self) -> list[psutil.Process]:
        master = psutil.Process(self.process.pid)
        return [master, *master.children(recursive=True)]

    def cpu(self) -> float:
        return sum(one.cpu_times().user + one.cpu_times().system for one in self.family)

    def memory_mb(self) -> float:
        return sum(one.memory_full_info().pss for one in self.family) / 2**20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seat_people(session: Session, count: int) -> list[tuple[str, str]]:
    """People in courses with material, each with a launch: the address of the socket and the cookie."""
    platform = Platform(issuer="https://stream.example")
    registration = Registration(
        platform=platform, client_id="stream", authorization_endpoint="", token_endpoint="", keyset_url=""
    )
    deployment = Deployment(registration=registration, deployment_id="1")
    session.add(deployment)
    session.flush()
    seats, course_id = [], 0
    for number in range(count):
        if number % IN_A_COURSE == 0:
            course = Course(deployment=deployment, context_id=str(number), title="Biology")
            session.add(course)
            session.flush()
            course_id = course.id
            add_source(session, course_id, [TEXT, *(f"Page {page} is about something else." for page in range(20))])
        person = Person(platform_id=platform.id, sub=str(number), name=f"Somebody {number}")
        session.add(person)
        session.flush()
        session.add(Membership(course_id=course_id, person_id=person.id, launch_role=Role.STUDENT))
        seats.append(seat(session, registration, deployment, course_id, person.id))
    return seats


def seat(
    session: Session, registration: Registration, deployment: Deployment, course_id: int, person_id: int
) -> tuple[str, str]:
    browser_id = str(uuid4())
    launch = BoundLaunch(
        browser_hash=browser_hash(browser_id),
        message="resource_link",
        registration_id=registration.id,
        deployment_id=deployment.id,
        course_id=course_id,
        person_id=person_id,
        role=Role.STUDENT,
        expires_at=now() + timedelta(hours=8),
    )
    session.add(launch)
    session.flush()
    return f"/l/{launch.id}/tutor/socket", f"lectern={browser_id}"


def configure(session: Session, model_port: int) -> None:
    write(session, ENABLED, True)
    write(session, ENDPOINT, f"http://127.0.0.1:{model_port}/v1")
    write(session, ALLOWED_HOSTS, frozenset({"127.0.0.1"}))
    write(session, CHAT_DEPLOYMENT, "m")
    write(session, SHOW_PRIVACY_NOTICE, False)
    # Further questions are a call of their own once the answer has ended, and the loop asks for none.
    write(session, ENABLE_SUGGESTIONS, False)
    write(session, DAILY_LIMIT, 0)
    write(session, BURST_LIMIT, 1000)


def wait_for(port: int) -> None:
    """A tool whose first questions find no model server would pause it for minutes."""
    for _ in range(900):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError("the model server did not start")


def quantile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(values)[int(share * (len(values) - 1))] * 1000


def compare_first_token(tool: Processes, model_port: int, seats: list[tuple[str, str]], numbers: list[int]) -> None:
    print("\nfirst token, ms: the model server's own, asked directly in the same run at the same load, and the tool's")
    for streams in numbers:
        cpu, begin = tool.cpu(), time.monotonic()
        seen = asyncio.run(load(tool.address, seats[:streams], turns=3, model_port=model_port))
        cpu, took = tool.cpu() - cpu, time.monotonic() - begin
        own = statistics.median(seen.of_model)
        lost = streams * 3 - seen.endings["answer"]
        print(f"  {streams} streams, {streams * 3} answers, {lost} lost ({'as wanted' if not lost else 'MISSED'})")
        print(f"    {took:.0f} s; the tool's CPU time {cpu / (streams * 3) * 1000:.0f} ms an answer, sockets included")
        for name, values in (
            ("model server's own", seen.of_model),
            ("tool, question to browser", seen.first_token),
        ):
            print(f"    {name:26} p50 {quantile(values, 0.5):.1f}, p95 {quantile(values, 0.95):.1f}")
        for name, values in (
            ("added by passing on", seen.passing_on),
            ("added in all", [value - own for value in seen.first_token]),
        ):
            is_met = quantile(values, 0.95) <= MOST_ADDED[streams]
            print(
                f"    {name:26} p50 {quantile(values, 0.5):.1f}, p95 {quantile(values, 0.95):.1f} "
                f"(at most {MOST_ADDED[streams]:.0f}: {'as wanted' if is_met else 'MISSED'})"
            )
        if lost:
            print(f"    endings: {dict(seen.endings)}")


def compare_cpu(tool: Processes, loop: Processes, model_port: int, seats: list[tuple[str, str]], rounds: int) -> None:
    print(f"\nCPU a streamed token, 50 streams, {rounds} rounds, microseconds")
    ours, theirs = [], []
    for number in range(rounds + 1):
        for server, found, paths in (
            (tool, ours, seats[:50]),
            (loop, theirs, [(f"/socket?{n}", "") for n in range(50)]),
        ):
            before = server.cpu()
            seen = asyncio.run(load(server.address, paths, turns=2, model_port=model_port))
            assert seen.endings.total() == 100, seen.endings
            if number:
                found.append((server.cpu() - before) / (100 * TOKENS) * 1e6)
    ratio = statistics.median(ours) / statistics.median(theirs)
    verdict = "as wanted" if ratio <= MOST_RATIO else "MISSED"
    print(f"  ours {statistics.median(ours):.0f}, loop over event objects {statistics.median(theirs):.0f}")
    print(f"  ratio {ratio:.2f} (at most {MOST_RATIO}: {verdict}); ours stores, finds, cites and renders as well")


async def open_idle(address: str, seats: list[tuple[str, str]], meanwhile: Callable[[], None]) -> None:
    parts = urlsplit(address)
    browsers = []
    for path, cookie in seats:
        browser = Browser(path, address, cookie, Seen(), lambda _: None)
        await asyncio.get_running_loop().create_connection(lambda made=browser: made, parts.hostname, parts.port)
        await browser.opened
        browsers.append(browser)
    await asyncio.to_thread(meanwhile)
    for browser in browsers:
        browser.transport.close()


def measure_idle(tool: Processes, seats: list[tuple[str, str]], count: int, when: str) -> None:
    before = tool.memory_mb()

    def measure() -> None:
        times = []
        for _ in range(25):
            begin = time.monotonic()
            requests.get(f"{tool.address}/healthz", timeout=30)
            times.append(time.monotonic() - begin)
        health, memory = quantile(times, 0.5), tool.memory_mb()
        is_met = health <= MOST_HEALTH_MS, memory <= MOST_IDLE_MB
        verdicts = ["as wanted" if met else "MISSED" for met in is_met]
        print(f"\n{count} idle sockets, {when}")
        print(f"  /healthz {health:.1f} ms (at most {MOST_HEALTH_MS:.0f}: {verdicts[0]})")
        print(f"  memory {memory:.0f} MB (at most {MOST_IDLE_MB:.0f}: {verdicts[1]}), {before:.0f} of it without them")

    asyncio.run(open_idle(tool.address, [seats[number % len(seats)] for number in range(count)], measure))


def options_given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--streams", type=int, nargs="+", choices=list(MOST_ADDED), default=list(MOST_ADDED))
    parser.add_argument("--only", nargs="+", choices=["idle", "cpu", "first-token"], help="leave out the other parts")
    return parser.parse_args()


def main() -> None:
    options = options_given()
    parts = options.only or ["idle", "cpu", "first-token"]
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        database = stack.enter_context(EmbeddedPostgres.start(folder / "database"))
        engine = engine_for(database.url)
        make_schema(engine)
        model_port, idle_port, tool_port, loop_port = (free_port() for _ in range(4))
        with transaction(engine) as session:
            configure(session, model_port)
            seats = seat_people(session, max(MOST_ADDED))
        engine.dispose()
        model = multiprocessing.get_context("spawn").Process(target=serve_model, args=(model_port,), daemon=True)
        model.start()
        stack.callback(model.terminate)
        wait_for(model_port)

        def settings(port: int) -> Settings:
            return Settings.from_env(
                {
                    "LECTERN_PUBLIC_URL": f"http://127.0.0.1:{port}",
                    "LECTERN_BIND": f"127.0.0.1:{port}",
                    "LECTERN_DATA_DIR": str(folder / "data"),
                    "LECTERN_KEYS_DIR": str(folder / "keys"),
                    "LECTERN_WEB_WORKERS": str(WORKERS),
                    "LECTERN_WEB_THREADS": "1600",
                    "LECTERN_LOG_LEVEL": "ERROR",
                    "DATABASE_URL": database.url,
                }
            )

        if "idle" in parts:
            with Processes(serve_tool, settings(idle_port), port=idle_port) as fresh:
                measure_idle(fresh, seats, options.idle, "newly begun")
        tool = stack.enter_context(Processes(serve_tool, settings(tool_port), port=tool_port))
        asyncio.run(load(tool.address, seats[:20], turns=1, model_port=model_port))
        if "cpu" in parts:
            with Processes(serve_loop, settings(loop_port), model_port, port=loop_port) as loop:
                compare_cpu(tool, loop, model_port, seats, options.rounds)
        if "first-token" in parts:
            compare_first_token(tool, model_port, seats, options.streams)
        if "idle" in parts and len(parts) > 1:
            measure_idle(tool, seats, options.idle, "after streaming")


if __name__ == "__main__":
    main()
