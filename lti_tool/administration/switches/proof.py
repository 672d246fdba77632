"""Proving a switch: the real call is made with the switch on, then off, over connections that record and send nothing.

Everything happens in a part of the transaction that is rolled back, so nobody else ever sees the switch move.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from smtplib import SMTP, SMTPServerDisconnected
from typing import Any, cast

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import NotAllowed, ToolError
from lti_tool.llm.chat import ChatModel, Message, MessageRole
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.llm.structured import StrictSchema
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.clearance import Clearance
from lti_tool.lti.models import AccessToken, Registration
from lti_tool.lti.services import PlatformConnector
from lti_tool.mail.server import MailServer, mail_server, send
from lti_tool.moodle.client import MoodleAccess, MoodleClient
from lti_tool.moodle.functions import SITE
from lti_tool.outbound import AddressRule
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import (
    ALLOWED_HOSTS,
    BREAKER_ENABLED,
    CHAT_DEPLOYMENT,
    EMBEDDING_DEPLOYMENT,
    ENABLED,
    ENDPOINT,
)
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST
from lti_tool.site_settings.setting import Setting
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature

NOWHERE = "https://proof.invalid"
SCOPE = "proof"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How many requests of a feature reached the wire with a switch on, and with it off."""

    feature: Feature
    sent_when_on: int
    sent_when_off: int
    refused_with: str

    @property
    def holds(self) -> bool:
        """A call that never reaches the wire proves nothing about the switch."""
        return self.sent_when_on > 0 and self.sent_when_off == 0 and self.refused_with == "feature_off"


@dataclass(kw_only=True)
class Wire:
    """Connections that end here: each request is counted and refused."""

    sent: list[str] = field(default_factory=list)

    def connect(self, rule: AddressRule) -> requests.Session:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Recorder(self))
        return session

    def post(self, server: MailServer) -> SMTP:
        self.sent.append(server.host)
        raise SMTPServerDisconnected


class _Recorder(BaseAdapter):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.wire.sent.append(f"{request.method} {request.url}")
        response = requests.Response()
        response.status_code, response.request, response.url = 501, request, request.url or ""
        response._content = b""
        return response

    def close(self) -> None:
        """Nothing is open."""


class _RecordedConnector(PlatformConnector):
    """The connector to a platform, on recorded connections."""

    def __init__(self, wire: Wire, clearance: Clearance) -> None:
        super().__init__(clearance)
        self.close()
        self._requests_session = wire.connect(AddressRule(allow_private=False, allow_http=False))


def prove(
    session: Session, secrets: Secrets, registration: Registration, switch: Setting[bool], features: Sequence[Feature]
) -> list[Proof]:
    """One proof a feature that the switch must stop."""
    with session.begin_nested() as attempt:
        _configure(session, secrets, registration)
        proofs = [_prove(session, secrets, registration, switch, feature) for feature in features]
        attempt.rollback()
    session.expire_all()
    return proofs


def features_of(switch: Setting[bool]) -> list[Feature]:
    """What the switch must stop: everything, if it is the kill switch."""
    return [feature for feature, own in SWITCHES.items() if switch in (ENABLED, own)]


def _configure(session: Session, secrets: Secrets, registration: Registration) -> None:
    """A model server and a platform's token, in case there are none, and every switch on."""
    hour = now() + timedelta(hours=1)
    token = secrets.encrypt("proof")
    session.add(AccessToken(registration_id=registration.id, scopes=SCOPE, token_encrypted=token, expires_at=hour))
    session.flush()
    write(session, ENDPOINT, NOWHERE)
    write(session, ALLOWED_HOSTS, frozenset[str]())
    write(session, CHAT_DEPLOYMENT, "proof")
    write(session, EMBEDDING_DEPLOYMENT, "proof")
    write(session, BREAKER_ENABLED, False)
    write(session, MAIL_HOST, "proof.invalid")
    write(session, MAIL_FROM, "proof@proof.invalid")
    for switch in (ENABLED, *SWITCHES.values()):
        write(session, switch, True)


def _prove(
    session: Session, secrets: Secrets, registration: Registration, switch: Setting[bool], feature: Feature
) -> Proof:
    on, off = Wire(), Wire()
    _attempt(_call(session, secrets, registration, feature, on))
    write(session, switch, False)
    refused_with = _attempt(_call(session, secrets, registration, feature, off))
    write(session, switch, True)
    return Proof(
        feature=feature,
        sent_when_on=len(on.sent),
        sent_when_off=len(off.sent),
        refused_with=refused_with,
    )


def _attempt(call: Callable[[], object]) -> str:
    """The code the call was refused with by a switch; the recorder's own refusal is expected."""
    try:
        call()
    except NotAllowed as error:
        return error.code
    except ToolError:
        return ""
    return ""


def _call(
    session: Session, secrets: Secrets, registration: Registration, feature: Feature, wire: Wire
) -> Callable[[], object]:
    """The feature's own call, as it is made in earnest."""
    # `transaction` takes a connection as well; on this one it sees, and is rolled back with, what happens here.
    engine = cast(Engine, session.connection())
    caller = Caller(feature=feature, purpose="proof", course_id=None, identities=Identities())
    door = Door(engine=engine, secrets=secrets, connect=wire.connect, pause=lambda seconds: None)
    if feature in {Feature.TUTOR, Feature.RUBRIC_DRAFTS}:
        return lambda: list(ChatModel(door, caller).stream([Message(role=MessageRole.USER, content="proof")]))
    if feature is Feature.GRADING_PROPOSALS:
        asked = [Message(role=MessageRole.USER, content="proof")]
        return lambda: ChatModel(door, caller).structured_with_usage(asked, StrictSchema)
    if feature is Feature.EMBEDDINGS:
        return lambda: EmbeddingModel(door, caller, name="proof").embed(["proof"])
    if feature is Feature.MOODLE_WEB_SERVICES:
        moodle = MoodleAccess(base_url=NOWHERE, token="proof", allows_private_addresses=False)
        client = MoodleClient(engine, moodle, connect=lambda rule, _: wire.connect(rule))
        return lambda: client.call(SITE)
    if feature is Feature.EMAIL:
        return lambda: send(mail_server(session, secrets, None), EmailMessage(), wire.post)
    access = PlatformAccess.of(registration)
    clearance = Clearance(engine=engine, secrets=secrets, access=access, feature=feature, course_id=None)
    return lambda: _RecordedConnector(wire, clearance).make_service_request([SCOPE], NOWHERE)
