"""People who use the tool while it is killed, through its forms and its socket, and the ledger of what they sent.

Whoever gets no answer sends the same again, as a browser would, or gives up. Only an answer counts as a promise.
"""

import hashlib
import io
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import uuid4

import requests
from bs4 import BeautifulSoup, Tag
from PIL import Image, ImageDraw
from simple_websocket import Client, ConnectionClosed, ConnectionError
from wsproto.utilities import RemoteProtocolError

from lti_tool.accounts.models import PlacementKind
from lti_tool.config import origin_of
from lti_tool.demo.joining import placed_activities
from lti_tool.demo.visitor import SiteVisitor, form_fields

ORDER = list(PlacementKind)
SUBJECT = "STAT101"
QUESTION = "How does osmosis move water through a membrane?"
TRIES = 12
SECONDS_PATIENT = 20
RECEIVED_BEFORE = "received already"


class Kind(StrEnum):
    """What is promised by an answer."""

    MESSAGE = "messages"
    SUBMISSION = "submissions"
    PAPER = "papers"
    APPROVAL = "approvals"


@dataclass(kw_only=True)
class Sent:
    """One thing that somebody sent; `key` names it in the database as well."""

    kind: Kind
    key: str
    person_id: int
    files: Mapping[str, bytes] = field(default_factory=dict)
    text: str = ""
    activity: PlacementKind = PlacementKind.TUTOR
    points: Decimal | None = None
    is_acknowledged: bool = False
    is_refused: bool = False
    is_seen_finished: bool = False
    cut_off: int = 0


@dataclass(kw_only=True)
class Ledger:
    """Everything that was sent, and answers that should never be given."""

    sent: list[Sent] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    resumed: int = 0

    def of(self, kind: Kind) -> list[Sent]:
        return [one for one in self.sent if one.kind is kind]


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One launch: its address and the token of its forms."""

    address: str
    token: str


class Actor(SiteVisitor):
    """A person with a browser, sitting in some activities of the course."""

    def __init__(self, store: Any, username: str, ledger: Ledger, chance: random.Random) -> None:
        super().__init__(store)
        self.username, self.ledger, self.chance = username, ledger, chance
        self.id = self.person_id(username)
        self.seats: dict[PlacementKind, Seat] = {}

    def sit(self, *kinds: PlacementKind) -> None:
        """Launch each activity; from there on the course site is not asked again."""
        activities = dict(zip(ORDER, placed_activities(self.store), strict=True))
        self.be(self.username)
        for kind in kinds:
            page = self.open(f"/activity/{activities[kind].id}/launch")
            root, launch_id = page.url.split("/l/")[0], page.url.split("/l/")[1][:36]
            field = page.content.find("input", attrs={"name": "csrf_token"})
            token = str(field["value"]) if isinstance(field, Tag) else ""
            self.seats[kind] = Seat(address=f"{root}/l/{launch_id}", token=token)

    def keep_acting(self, stopping: threading.Event, acts: Sequence[Callable[[], None]]) -> None:
        """Until the end: something, and a moment's pause."""
        try:
            while not stopping.is_set():
                self.chance.choice(acts)()
                stopping.wait(self.chance.uniform(0.05, 0.4))
        except Exception as error:
            self.ledger.defects.append(f"{self.username} could not go on: {error!r}")

    def post(
        self, kind: PlacementKind, path: str, data: Mapping[str, Any], files: Any = None, accept: str = "text/html"
    ) -> requests.Response | None:
        """The answer to a form; None where the connection broke before one came."""
        seat = self.seats[kind]
        headers = {"Origin": origin_of(seat.address), "Accept": accept}
        fields = {"csrf_token": seat.token, **data}
        with suppress(requests.RequestException):
            answer = self.http.post(
                seat.address + path,
                fields,
                files=files,
                headers=headers,
                allow_redirects=False,
                timeout=SECONDS_PATIENT,
            )
            if answer.status_code >= 500:
                self.ledger.defects.append(f"POST {path}: {answer.status_code}")
            return answer
        return None

    def read(self, kind: PlacementKind, path: str) -> BeautifulSoup | None:
        with suppress(requests.RequestException):
            answer = self.http.get(self.seats[kind].address + path, timeout=SECONDS_PATIENT)
            if answer.status_code >= 500:
                self.ledger.defects.append(f"GET {path}: {answer.status_code}")
            return BeautifulSoup(answer.content, "html.parser") if answer.ok else None
        return None

    def insist(self, sent: Sent, send: Callable[[], bool | None]) -> None:
        """Send until an answer comes: True promises, False refuses, None is no answer. Some give up."""
        self.ledger.sent.append(sent)
        patience = 1 if self.chance.random() < 0.3 else TRIES
        for _ in range(patience):
            answer = send()
            if answer is not None:
                sent.is_acknowledged, sent.is_refused = answer, not answer
                return
            sent.cut_off += 1
            time.sleep(self.chance.uniform(0.1, 0.8))


class Student(Actor):
    """Asks by form and by socket, and hands in work."""

    def act(self, stopping: threading.Event) -> None:
        self.keep_acting(stopping, [self.ask, self.converse, self.hand_in])

    def ask(self) -> None:
        """By the form, or as the page does where sockets are blocked."""
        sent = self.question()
        accept = self.chance.choice(["text/html", "application/json"])

        def send() -> bool | None:
            form = {"text": sent.text, "key": sent.key}
            answer = self.post(PlacementKind.TUTOR, "/tutor/questions", form, accept=accept)
            return None if answer is None else answer.status_code in {202, 303}

        self.insist(sent, send)

    def converse(self) -> None:
        """By the socket; after a broken connection the question is sent again and the rest is followed."""
        sent = self.question()
        seen: list[dict[str, Any]] = []
        self.insist(sent, lambda: self.stream(sent, seen))

    def stream(self, sent: Sent, seen: list[dict[str, Any]]) -> bool | None:
        """None when the line broke: whoever comes back says the same again, and what was seen is left out."""
        seat = self.seats[PlacementKind.TUTOR]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        headers = {"Origin": origin_of(seat.address), "Cookie": cookies}
        try:
            line = Client.connect(f"{seat.address.replace('http', 'ws', 1)}/tutor/socket", headers=headers)
        except (ConnectionError, ConnectionClosed, RemoteProtocolError, OSError):
            return None
        try:
            return self.follow(line, sent, seen)
        except (ConnectionClosed, OSError):
            sent.is_acknowledged = sent.is_acknowledged or bool(seen)
            return None
        finally:
            line.sock.close()

    def follow(self, line: Client, sent: Sent, seen: list[dict[str, Any]]) -> bool | None:
        """Ask, and read to the end; silence means that the node died and its lease has not run out.

        From the first word on it is a promise: a busy machine may be silent before it has read the question.
        """
        line.send(json.dumps({"type": "ask", "key": sent.key, "text": sent.text}))
        self.ledger.resumed += bool(seen)
        last = seen[-1]["seq"] if seen else 0
        while text := line.receive(timeout=5):
            event = json.loads(text)
            if event["type"] == "refused":
                return False
            seen += [event] if event["seq"] > last else []
            if event["type"] in {"done", "error"}:
                sent.is_seen_finished = event["type"] == "done"
                break
        line.close()
        return True if seen else None

    def question(self) -> Sent:
        return Sent(kind=Kind.MESSAGE, key=str(uuid4()), person_id=self.id, text=QUESTION)

    def hand_in(self) -> None:
        files = {
            f"notes-{number}.txt": self.chance.randbytes(self.chance.choice([50, 5_000, 200_000])).hex().encode()
            for number in range(self.chance.randint(1, 2))
        }
        sent = Sent(
            kind=Kind.SUBMISSION,
            key=str(uuid4()),
            person_id=self.id,
            files=files,
            text=f"My answer {self.chance.random()}",
            activity=PlacementKind.ACTIVITY,
        )

        def send() -> bool | None:
            form = {"client_key": sent.key, "text": sent.text}
            upload = [("files", (name, content)) for name, content in files.items()]
            answer = self.post(PlacementKind.ACTIVITY, "/grading/submit", form, upload)
            return None if answer is None else answer.status_code == 303

        self.insist(sent, send)


class Secretary(Actor):
    """Uploads scans, one paper of each student, and says whose they are."""

    def __init__(self, store: Any, username: str, ledger: Ledger, chance: random.Random, names: list[str]) -> None:
        super().__init__(store, username, ledger, chance)
        self.names, self.batch = names, str(uuid4())

    def act(self, stopping: threading.Event) -> None:
        self.keep_acting(stopping, [self.upload, self.upload, self.release])

    def upload(self) -> None:
        if not self.names:
            return
        name = self.names.pop()
        content = scan(name)
        digest = hashlib.sha256(content).hexdigest()
        sent = Sent(kind=Kind.PAPER, key=digest, person_id=self.id, files={name: content}, activity=PlacementKind.EXAM)

        def send() -> bool | None:
            upload = [("files", (name, content))]
            answer = self.post(
                PlacementKind.EXAM, "/scans/staff/upload", {"batch": self.batch}, upload, "application/json"
            )
            if answer is None:
                return None
            return answer.ok and all(not one["reason"] or RECEIVED_BEFORE in one["reason"] for one in answer.json())

        self.insist(sent, send)

    def release(self) -> None:
        """Everything on the board is its student's."""
        board = self.read(PlacementKind.EXAM, "/scans/")
        shown = [str(one["value"]) for one in board.select("input[name=shown]")] if board else []
        if shown:
            self.post(PlacementKind.EXAM, "/scans/staff/confirm", {"shown": shown, "all": "yes"})


class Marker(Actor):
    """Records grades and approves them, each time with points and words of their own; also approves anew."""

    def __init__(self, store: Any, username: str, ledger: Ledger, chance: random.Random, finished: set[str]) -> None:
        super().__init__(store, username, ledger, chance)
        self.finished = finished
        """Whose work may be marked: whoever has a grade hands in nothing more."""

    def act(self, stopping: threading.Event) -> None:
        self.keep_acting(stopping, [self.mark_paper, self.mark_paper, self.mark_work])

    def mark_paper(self) -> None:
        self.mark(PlacementKind.EXAM)

    def mark_work(self) -> None:
        self.mark(PlacementKind.ACTIVITY)

    def mark(self, kind: PlacementKind) -> None:
        page = self.read(kind, "/grading")
        links = page.select("a[href*='/grading/submissions/']") if page else []
        found = [str(link["href"]) for link in links if self.may_mark(kind, link)]
        if not found:
            return
        path = "/" + self.chance.choice(found).split("/", 3)[3]
        shown = self.read(kind, path)
        form = shown.select_one("form[action$='/review']") if shown else None
        if form is None:
            return
        self.approve(kind, path + "/review", form)

    def may_mark(self, kind: PlacementKind, link: Tag) -> bool:
        return kind is PlacementKind.EXAM or link.get_text(strip=True) in self.finished

    def approve(self, kind: PlacementKind, path: str, form: Tag) -> None:
        """Not sent again when no answer came: the page is read again, as a careful person does."""
        words = f"Mark {uuid4()}"
        changes, points = marks(form, self.chance, words)
        sent = Sent(kind=Kind.APPROVAL, key=words, person_id=self.id, activity=kind, points=points)
        self.ledger.sent.append(sent)
        answer = self.post(kind, path, {**form_fields(form), **changes, "approve": "yes"})
        if answer is None:
            sent.cut_off += 1
        else:
            sent.is_acknowledged, sent.is_refused = answer.status_code == 303, answer.status_code != 303


def marks(form: Tag, chance: random.Random, words: str) -> tuple[dict[str, str], Decimal]:
    """Points for the paper, or for each criterion of a rubric, and feedback that nobody else writes."""
    names = [str(one["name"]) for one in form.select("input[name^=points]")]
    points = {name: Decimal(chance.randint(1, 400)) / 100 for name in names}
    return {**{name: str(value) for name, value in points.items()}, "feedback": words}, sum(points.values(), Decimal(0))


def scan(name: str) -> bytes:
    """A page that nobody else has."""
    picture = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(picture).text((60, 60), name, fill=0, font_size=28)
    written = io.BytesIO()
    picture.save(written, "PDF")
    return written.getvalue()
