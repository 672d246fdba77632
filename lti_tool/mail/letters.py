"""Writing a letter in the transaction of what it is about, and sending those that are due."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.mail.models import Letter, LetterState
from lti_tool.mail.server import Connect, MailRefused, MailServer, connected, is_set_up, mail_server, send
from lti_tool.runtime import Runtime

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
GIVE_UP = timedelta(days=3)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)
ADDRESS = re.compile(r"""[^\s\x00-\x1f"(),:;<>@\[\\\]]+@[^\s\x00-\x1f"(),:;<>@\[\\\]]+""")
"""One plain address: platforms send whatever people wrote, and a list or half an address must stop no other letter."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A letter that was claimed: what leaves, and by which server."""

    letter_id: UUID
    message: EmailMessage
    server: MailServer


def write_letter(session: Session, *, course_id: int, person_id: int, key: str, subject: str, body: str) -> bool:
    """Queue an e-mail in the caller's transaction; False where it was written before or nothing can be sent to them."""
    address = session.scalar(select(Person.email).where(Person.id == person_id))
    if not address or not is_set_up(session):
        return False
    moment = now()
    written = session.execute(
        insert(Letter)
        .values(
            course_id=course_id,
            person_id=person_id,
            key=key,
            subject=" ".join(subject.split()),
            body=body,
            next_try_at=moment,
            give_up_at=moment + GIVE_UP,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "key"])
        .returning(Letter.id)
    ).one_or_none()
    return written is not None


def send_due(runtime: Runtime, connect: Connect = connected) -> int:
    """Send every letter that is due; how many left."""
    return sum(_deliver(runtime, post, connect) for post in _posts(runtime))


def _posts(runtime: Runtime) -> Iterator[Post]:
    """Each is claimed in a transaction of its own; a killed worker's is claimed again after its lease."""
    seen: set[UUID] = set()
    while True:
        with transaction(runtime.engine) as session:
            letter = session.scalar(
                select(Letter)
                .where(
                    Letter.id.not_in(seen),
                    or_(
                        and_(Letter.state == LetterState.TODO, Letter.next_try_at <= now()),
                        and_(Letter.state == LetterState.DOING, Letter.leased_until < now()),
                    ),
                )
                .order_by(Letter.next_try_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if letter is None:
                return
            seen.add(letter.id)
            post = _claimed(session, runtime, letter)
        if post is not None:
            yield post


def _claimed(session: Session, runtime: Runtime, letter: Letter) -> Post | None:
    letter.attempts += 1
    try:
        server = mail_server(session, runtime.secrets, letter.course_id)
    except (NotAllowed, PlatformFailed) as error:
        _put_off(letter, error.code)
        return None
    if not ADDRESS.fullmatch(letter.person.email):
        _give_up(letter, "no_address")
        return None
    letter.state, letter.leased_until = LetterState.DOING, now() + LEASE
    return Post(letter_id=letter.id, message=_message(letter, server.sender), server=server)


def _message(letter: Letter, sender: str) -> EmailMessage:
    """Its id stays the same however often it is sent, so that a mailbox can tell a repetition."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.person.email, letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    # RFC 3834: no answers from absence robots.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _deliver(runtime: Runtime, post: Post, connect: Connect) -> bool:
    refusal: PlatformFailed | None = None
    try:
        send(post.server, post.message, connect)
    except PlatformFailed as error:
        refusal = error
        log.warning("letter_not_sent", extra={"code": error.code, "letter": str(post.letter_id)})
    with transaction(runtime.engine) as session:
        letter = session.get_one(Letter, post.letter_id, with_for_update=True)
        letter.leased_until = None
        if refusal is None:
            letter.state, letter.sent_at, letter.body, letter.reason = LetterState.SUCCEEDED, now(), "", ""
        elif isinstance(refusal, MailRefused):
            _give_up(letter, refusal.code)
        else:
            _put_off(letter, refusal.code)
    return refusal is None


def _put_off(letter: Letter, reason: str) -> None:
    """Later each time; nobody wants to hear on Friday that on Monday something waited."""
    if now() >= letter.give_up_at:
        _give_up(letter, reason)
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(letter.attempts, 10))
    letter.state, letter.leased_until, letter.next_try_at, letter.reason = LetterState.TODO, None, now() + wait, reason


def _give_up(letter: Letter, reason: str) -> None:
    letter.state, letter.leased_until, letter.body, letter.reason = LetterState.FAILED, None, "", reason
