"""The one door to the mail server (RFC 5321): its settings, its switch, one message."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.outbound import AddressRule
from lti_tool.secrets import Secrets
from lti_tool.site_settings.mail import (
    MAIL_FROM,
    MAIL_HOST,
    MAIL_PASSWORD,
    MAIL_PORT,
    MAIL_SECURITY,
    MAIL_USER,
    MailSecurity,
)
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature, require_on_in

SECONDS = 30
# Mail servers mostly live in private networks; where no service lives is refused all the same.
RULE = AddressRule(allow_private=True, allow_http=True)


class MailRefused(PlatformFailed):
    """The mail server refuses this message, now and later."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    host: str
    port: int
    security: MailSecurity
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def is_set_up(session: Session) -> bool:
    """Whether there is a server to send by."""
    settings = snapshot(session)
    return bool(settings.read(MAIL_HOST) and settings.read(MAIL_FROM))


def mail_server(session: Session, secrets: Secrets, course_id: int | None) -> MailServer:
    """The server that a letter of this course may go to; raises NotAllowed (`feature_off`), PlatformFailed."""
    settings = snapshot(session, course_id)
    require_on_in(settings, Feature.EMAIL)
    if not (settings.read(MAIL_HOST) and settings.read(MAIL_FROM)):
        raise PlatformFailed("no_mail_server", "No mail server is set up.")
    return MailServer(
        host=settings.read(MAIL_HOST),
        port=settings.read(MAIL_PORT),
        security=settings.read(MAIL_SECURITY),
        sender=settings.read(MAIL_FROM),
        user=settings.read(MAIL_USER),
        password=settings.secret(MAIL_PASSWORD, secrets),
    )


Connect = Callable[[MailServer], smtplib.SMTP]


def connected(server: MailServer) -> smtplib.SMTP:
    """Connect, protect the way and sign in; over an open way no password is sent."""
    client = _client(server)
    try:
        if server.security is MailSecurity.STARTTLS:
            client.starttls(context=ssl.create_default_context())
        if server.user and server.security is not MailSecurity.NONE:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def send(server: MailServer, message: EmailMessage, connect: Connect = connected) -> None:
    """Hand the message over; raises MailRefused for good, PlatformFailed for what may pass."""
    try:
        with connect(server) as client:
            client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(max(code for code, _ in error.recipients.values())) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise PlatformFailed("mail_unprotected", "The mail server does not offer what its settings ask for.") from error
    except InvalidInput as error:
        raise MailRefused("mail_server_refused", "No mail server may live at this address.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise PlatformFailed("mail_server_away", "The mail server does not answer.") from error


def _refused(code: int) -> PlatformFailed:
    """RFC 5321 4.2.1: 5yz is for good. What the server says besides may hold the address, so the code alone is kept."""
    words = {"code": code}
    if 500 <= code < 600:
        return MailRefused("mail_refused", "The mail server refuses the message (%(code)s).", words)
    return PlatformFailed("mail_put_off", "The mail server puts the message off (%(code)s).", words)


def _client(server: MailServer) -> smtplib.SMTP:
    if server.security is MailSecurity.TLS:
        return _CheckedTls(server.host, server.port, timeout=SECONDS, context=ssl.create_default_context())
    return _Checked(server.host, server.port, timeout=SECONDS)


def _reached(host: str, port: int) -> socket.socket:
    """To the very address that was checked."""
    return socket.create_connection((RULE.checked_addresses(host)[0], port), SECONDS)


class _Checked(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _reached(host, port)


class _CheckedTls(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(_reached(host, port), server_hostname=host)
