"""A scripted, OpenAI-compatible model server on a real socket: chat (streamed and not), embeddings, batches, failures.

Each request takes the first reply of a script that is for its kind; without one it answers with what it was asked.
Every request is recorded. Embeddings are made from hashed words, so texts that share words are near. As a process, for
benchmarks:

    python -m tests.fakes.model_server --port 9000 --rate 50 --delay 0.2 --tokens 200
"""

import argparse
import hashlib
import json
import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DIMENSIONS = 64
SECONDS_BETWEEN_BREATHS = 1
BATCHES = re.compile(r"/(?:files|batches)(?:/|\?|$)")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How one request is answered. `drop_after`, `stall_after` and `hold_after` count tokens of a stream.

    `is_streamed` keeps it for a request that streams (True) or for one that does not: an answer and what the tool asks
    in the background come in any order. A held stream goes on with `ModelServer.go_on`; until then it only breathes.
    """

    text: str = ""
    status: int = 200
    error: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    finish_reason: str = "stop"
    usage: bool = True
    drop_after: int | None = None
    stall_after: int | None = None
    hold_after: int | None = None
    is_streamed: bool | None = None
    raw_events: tuple[str, ...] | None = None
    vectors: list[list[float]] | None = None


class Batches:
    """Files and batches as OpenAI has them. A batch is at `status` until a test changes it; done, it pops replies.

    `is_there` is False for a server that knows neither.
    """

    def __init__(self) -> None:
        self.is_there = True
        self.status = "completed"
        self.files: list[str] = []
        self.made: list[dict[str, Any]] = []
        self.cancelled: list[str] = []

    def answer(self, path: str, body: str, next_reply: Callable[[], "Reply"]) -> tuple[int, dict[str, Any] | str]:
        """Status and content for one request."""
        if not self.is_there:
            return 404, {"error": {"message": "no such address"}}
        found = re.search(r"/(files|batches)(?:/(\d+))?(?:/(content|cancel))?(?:\?|$)", path)
        if found is None:
            return 404, {"error": {"message": "no such address"}}
        kind, number, part = found.groups()
        if kind == "files":
            return 200, self.files[int(number)] if number else self._keep(body)
        if part == "cancel":
            self.cancelled.append(number)
        if number:
            return 200, self._standing(int(number), next_reply)
        if body:
            self.made.append(json.loads(body))
            return 200, self._standing(len(self.made) - 1, None)
        return 200, {"object": "list", "data": [self._standing(at, None) for at in range(len(self.made))]}

    def lines(self, batch: int = -1) -> list[dict[str, Any]]:
        """The requests of a batch."""
        content = self.files[int(self.made[batch]["input_file_id"])]
        return [json.loads(line) for line in content.splitlines()]

    def _keep(self, body: str) -> dict[str, Any]:
        lines = [line for line in body.splitlines() if line.startswith('{"custom_id"')]
        self.files.append("\n".join(lines))
        return {
            "id": str(len(self.files) - 1),
            "object": "file",
            "bytes": len(body),
            "created_at": 1,
            "filename": "requests.jsonl",
            "purpose": "batch",
            "status": "processed",
        }

    def _standing(self, number: int, next_reply: Callable[[], "Reply"] | None) -> dict[str, Any]:
        batch = self.made[number]
        if next_reply is not None and self.status in {"completed", "expired"} and "output" not in batch:
            batch["output"] = self._answered(number, next_reply)
        return {
            "id": str(number),
            "object": "batch",
            "endpoint": batch["endpoint"],
            "input_file_id": batch["input_file_id"],
            "completion_window": batch["completion_window"],
            "metadata": batch.get("metadata"),
            "status": self.status,
            "created_at": 1,
            "output_file_id": batch.get("output"),
        }

    def _answered(self, number: int, next_reply: Callable[[], "Reply"]) -> str:
        """Each line by the next reply, as a single call would be; one of another status than 200 stays open."""
        answers = []
        for line in self.lines(number):
            reply = next_reply()
            body = _completion(line["body"], reply) if reply.status == 200 else {"error": reply.error}
            response = {"status_code": reply.status, "request_id": "1", "body": body}
            answers.append(json.dumps({"id": "1", "custom_id": line["custom_id"], "response": response}))
        self.files.append("\n".join(answers))
        return str(len(self.files) - 1)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def content(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


class ModelServer:
    """Use as a context manager; `url` is what an administrator would configure."""

    def __init__(
        self, *, port: int = 0, rate: float = 0, delay: float = 0, tokens: int = 0, record: bool = True
    ) -> None:
        self.rate, self.delay, self.tokens, self.record = rate, delay, tokens, record
        self.script: deque[Reply] = deque()
        self.requests: list[Recorded] = []
        self.batches = Batches()
        self.hung_up = threading.Event()
        self.stopping = threading.Event()
        self.go_on = threading.Event()
        self._taking = threading.Lock()
        server = self

        class Handler(_Handler):
            model = server

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_: object) -> None:
                """A client that hung up is no news."""
                server.hung_up.set()

        self.http = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.go_on.set()
        self.http.shutdown()
        self.http.server_close()

    def reply(self, *replies: Reply) -> None:
        """The next answers, in their order."""
        self.script.extend(replies)

    def moment(self, number: int) -> float:
        """When a token is due, in seconds after the request."""
        return self.delay + (number / self.rate if self.rate else 0)

    @property
    def wire(self) -> str:
        """Everything that was ever sent here, for canaries."""
        return "\n".join(f"{request.path} {request.headers} {request.body}" for request in self.requests)

    def next_reply(self, *, is_streamed: bool = False) -> Reply:
        """Taken from the script; an echo where it holds none for such a request."""
        with self._taking:
            mine = next((one for one in self.script if one.is_streamed in {None, is_streamed}), None)
            if mine is not None:
                self.script.remove(mine)
        return mine or Reply()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    model: ModelServer

    def do_GET(self) -> None:
        self._batch("")

    def _batch(self, body: str) -> None:
        """What the batch interface says; its calls pop no reply."""
        status, content = self.model.batches.answer(self.path, body, self.model.next_reply)
        if isinstance(content, str):
            self._send(status, content.encode(), {"Content-Type": "application/octet-stream"})
        else:
            self._json(status, content)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode(errors="replace")
        if self.model.record:
            self.model.requests.append(Recorded(path=self.path, headers=dict(self.headers), body=body))
        if BATCHES.search(self.path):
            self._batch(body)
            return
        asked = {} if "/audio/" in self.path else json.loads(body)
        reply = self.model.next_reply(is_streamed=asked.get("stream") is True)
        if reply.status != 200 or reply.error:
            self._json(reply.status, {"error": reply.error or {"message": "scripted failure"}}, reply.headers)
        elif "/audio/" in self.path:
            self._json(200, {"text": reply.text})
        elif "/embeddings" in self.path:
            self._json(200, _embeddings(asked, reply))
        elif asked.get("stream"):
            self._stream(asked, reply)
        else:
            self._json(200, _completion(asked, reply))

    def _json(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, payload: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, asked: dict[str, Any], reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            if self._send_events(asked, reply):
                self._chunk("data: [DONE]\n\n")
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.model.hung_up.set()
            self.close_connection = True

    def _send_events(self, asked: dict[str, Any], reply: Reply) -> bool:
        """Whether the stream comes to its own end."""
        if reply.raw_events is not None:
            for event in reply.raw_events:
                self._chunk(event)
            return True
        words = _tokens(self.model, asked, reply)
        begin = time.monotonic()
        for number, word in enumerate(words):
            if number == reply.drop_after:
                self.close_connection = True
                return False
            if number == reply.stall_after:
                self._stall()
                return False
            if number == reply.hold_after:
                self._hold()
            time.sleep(max(0, begin + self.model.moment(number) - time.monotonic()))
            self._event({"index": 0, "delta": {"content": word}, "finish_reason": None})
        self._event({"index": 0, "delta": {}, "finish_reason": reply.finish_reason})
        if reply.usage and asked.get("stream_options", {}).get("include_usage"):
            self._chunk(f"data: {json.dumps({'choices': [], 'usage': _usage(asked, words)})}\n\n")
        return True

    def _stall(self) -> None:
        """Say nothing until the other side hangs up or the server stops."""
        self.connection.settimeout(0.02)
        while not self.model.stopping.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
        self.model.hung_up.set()
        self.close_connection = True

    def _hold(self) -> None:
        """Comments keep the line open, as those of real servers do."""
        while not self.model.go_on.wait(SECONDS_BETWEEN_BREATHS):
            self._chunk(": still here\n\n")

    def _event(self, choice: dict[str, Any]) -> None:
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
        self._chunk(f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n")

    def _chunk(self, text: str) -> None:
        payload = text.encode()
        self.wfile.write(f"{len(payload):x}\r\n".encode() + payload + b"\r\n")

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


def _tokens(model: ModelServer, asked: dict[str, Any], reply: Reply) -> list[str]:
    if model.tokens and not reply.text:
        return [f"word{number} " for number in range(model.tokens)]
    return re.findall(r"\S+\s*|\s+", reply.text or _echo(asked))


def _echo(asked: dict[str, Any]) -> str:
    return f"You said: {asked['messages'][-1]['content']}"


def _completion(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    text = reply.text or _echo(asked)
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
    } | ({"usage": _usage(asked, text.split())} if reply.usage else {})


def _usage(asked: dict[str, Any], words: list[str]) -> dict[str, int]:
    prompt = sum(len(str(message["content"]).split()) for message in asked["messages"])
    return {"prompt_tokens": prompt, "completion_tokens": len(words), "total_tokens": prompt + len(words)}


def _embeddings(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    vectors = reply.vectors or [hashed_words(text) for text in asked["input"]]
    return {
        "object": "list",
        "model": asked["model"],
        "data": [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)],
        "usage": {"prompt_tokens": sum(len(text.split()) for text in asked["input"]), "total_tokens": 0},
    }


def hashed_words(text: str) -> list[float]:
    """A unit vector whose direction is the bag of words."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(word.encode()).digest()
        vector[digest[0] % DIMENSIONS] += 1 if digest[1] % 2 else -1
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0] + [0.0] * (DIMENSIONS - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=50, help="tokens a second")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds before the first token")
    parser.add_argument("--tokens", type=int, default=200)
    options = parser.parse_args()
    server = ModelServer(port=options.port, rate=options.rate, delay=options.delay, tokens=options.tokens, record=False)
    print(server.url, flush=True)
    server.http.serve_forever()


if __name__ == "__main__":
    main()
