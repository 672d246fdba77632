"""A mail server that keeps what it is given, or answers once with another code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fixtures.patience import PATIENCE


@dataclass(kw_only=True)
class MailServer:
    """`answers` are given to the next messages in place of taking them."""

    port: int = 0
    taken: list[Message] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(message_from_bytes(envelope.content or b""))
        return "250 kept"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    kept = MailServer()
    controller = _AnyPort(kept, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE)
    controller.start()
    try:
        kept.port = controller.port
        yield kept
    finally:
        controller.stop()
