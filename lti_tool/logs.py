"""Logs as lines of JSON: an event, its fields, the request's id; nothing personal and nothing secret.

The message of a record is the event's name, everything else is a field. Foreign messages and errors may hold anything,
so every text is redacted, and of an error the kind and the places are kept, not its words (an SQL error quotes rows).
"""

import logging
import re
import secrets
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from logging.handlers import WatchedFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request or job that is being served in this thread."""

GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

SECRET_NAMES = (
    "id_token|state|nonce|sesskey|access_token|refresh_token|client_assertion|client_secret|registration_token|"
    "lti_message_hint|login_hint|lti_login_token|password|api_key|apikey|authorization|cookie|wstoken|token"
)
REDACTIONS = (
    (re.compile(r"(?i)\b(authorization:\s*)?(bearer|basic)\s+[\w.~+/=-]{8,}"), "[credentials]"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), "[signed token]"),
    (re.compile(rf"(?i)\b({SECRET_NAMES})([\"']?\s*[=:]\s*[\"']?)[^\s&\"',;}}]+"), r"\1\2[hidden]"),
    (re.compile(r"(?<=[\w/])\?[^\s\"'<>]+=[^\s\"'<>]*"), "?[hidden]"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
)
SECRET_FIELD = re.compile(rf"(?i)^({SECRET_NAMES})$")

QUIET = ("procrastinate", "werkzeug", "urllib3", "httpx", "httpx2", "openai", "fontTools", "weasyprint", "alembic")
"""Libraries whose words below a warning are not ours: they name arguments and addresses."""


def accepted_id(given: str | None) -> str:
    """The id that a proxy gave the request if it is sane, else one of our own."""
    return given if given and GOOD_ID.fullmatch(given) else secrets.token_hex(8)


def redacted(value: Any) -> Any:
    """The value without secrets, addresses and query strings, however deep they lie."""
    if isinstance(value, str):
        for pattern, replacement in REDACTIONS:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {key: "[hidden]" if SECRET_FIELD.match(str(key)) else redacted(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else redacted(str(value))


class JsonLines(JsonFormatter):
    """One record, one line."""

    def __init__(self) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger", "message": "event"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        known = request_id.get()
        shown: dict[str, Any] = redacted(log_data)
        return shown | ({"request_id": known} if known else {})

    def formatException(self, ei: Any) -> str:
        return described(ei[1], ei[2])


def described(error: BaseException | None, trace: TracebackType | None) -> str:
    """The kind of error, that of its cause, and the places it came through."""
    if error is None:
        return ""
    kinds, cause = [type(error).__name__], error.__cause__
    while cause:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return f"{' from '.join(kinds)} at {' > '.join(places[-12:])}"


def configure_logging(level: str) -> None:
    """Send every log of this process, the web server's included, to its output as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.setLevel(level)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("gunicorn.error", "gunicorn.access"):
        foreign = logging.getLogger(name)
        foreign.handlers.clear()
        foreign.propagate = True


class FileLog:
    """The file that an administrator may switch on (R160). Processes append to it together; logrotate may move it."""

    def __init__(self) -> None:
        self.handler: WatchedFileHandler | None = None

    def apply(self, path: Path | None, level: str) -> None:
        """Log to this file from this level on, or to none."""
        if path is None:
            self._close()
            return
        handler = self._open(path)
        handler.setLevel(level)
        # What is too mild for the process's output must still reach the file; the output has a level of its own.
        logging.getLogger("lti_tool").setLevel(min(handler.level, logging.root.level))

    def _open(self, path: Path) -> WatchedFileHandler:
        if self.handler is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.handler = WatchedFileHandler(path, encoding="utf-8", delay=True)
            self.handler.setFormatter(JsonLines())
            logging.root.addHandler(self.handler)
        return self.handler

    def _close(self) -> None:
        if self.handler:
            logging.root.removeHandler(self.handler)
            self.handler.close()
            self.handler = None
            logging.getLogger("lti_tool").setLevel(logging.NOTSET)


file_log = FileLog()
