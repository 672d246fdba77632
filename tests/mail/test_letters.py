"""A letter is written with what it is about, sent once, put off while the server is away, and then forgotten."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.db import now
from lti_tool.mail.letters import GIVE_UP, send_due, write_letter
from lti_tool.mail.models import Letter
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST, MAIL_PORT, MAIL_SECURITY, MailSecurity
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.mail_server import MailServer, mail_server
from tests.fixtures.people import House

pytestmark = pytest.mark.filterwarnings("ignore:Session.login_data is deprecated:DeprecationWarning")


@pytest.fixture
def post(session: Session) -> Iterator[MailServer]:
    with mail_server() as running:
        write(session, ENABLED, True)
        write(session, MAIL_HOST, "127.0.0.1")
        write(session, MAIL_PORT, running.port)
        write(session, MAIL_SECURITY, MailSecurity.NONE)
        write(session, MAIL_FROM, "lectern@example.org")
        yield running


@pytest.fixture
def reader(session: Session, house: House) -> Person:
    house.student.email = "amira@example.org"
    session.flush()
    return house.student


def written(session: Session, house: House, reader: Person, key: str = "paper:1") -> bool:
    return write_letter(
        session, course_id=house.course.id, person_id=reader.id, key=key, subject="Your paper\nwaits", body="Look: ü"
    )


def letter_of(session: Session) -> Letter:
    session.expire_all()
    return session.scalars(select(Letter)).one()


def make_due(session: Session) -> None:
    session.execute(update(Letter).values(next_try_at=now() - timedelta(seconds=1)))


def test_a_letter_arrives_and_what_it_said_is_forgotten(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    assert written(session, house, reader) and send_due(runtime) == 1
    (message,) = post.taken
    assert (message["To"], message["From"]) == ("amira@example.org", "lectern@example.org")
    assert message["Subject"] == "Your paper waits"
    assert (message.get_payload(decode=True) or b"").decode().strip() == "Look: ü"
    assert (letter_of(session).state, letter_of(session).body) == ("succeeded", "")


def test_what_is_written_twice_is_sent_once(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    assert written(session, house, reader) and not written(session, house, reader)
    send_due(runtime)
    assert not written(session, house, reader) and send_due(runtime) == 0
    assert len(post.taken) == 1


def test_nothing_is_written_without_a_server_or_an_address(
    session: Session, house: House, reader: Person, post: MailServer
) -> None:
    reader.email = ""
    session.flush()
    assert not written(session, house, reader)
    reader.email = "amira@example.org"
    write(session, MAIL_FROM, "")
    assert not written(session, house, reader)


def test_a_server_that_puts_off_is_asked_again_later(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    post.answers = ["451 come back"]
    written(session, house, reader)
    assert send_due(runtime) == 0 and send_due(runtime) == 0
    assert (letter_of(session).state, letter_of(session).reason) == ("todo", "mail_put_off")
    make_due(session)
    assert send_due(runtime) == 1 and len(post.taken) == 1


def test_a_refusal_for_good_ends_it(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    post.answers = ["550 no such user amira@example.org"]
    written(session, house, reader)
    send_due(runtime)
    letter = letter_of(session)
    assert (letter.state, letter.reason, letter.body) == ("failed", "mail_refused", "")


@pytest.mark.parametrize("address", ["a@b.org\r\nBcc: x@y.org", "a@[", "()", "a@b.org, c@d.org", "amira"])
def test_an_address_that_is_none_stops_no_other_letter(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer, address: str
) -> None:
    written(session, house, reader)
    reader.email = address
    house.people["other_student"].email = "omar@example.org"
    written(session, house, house.people["other_student"])
    assert send_due(runtime) == 1 and [message["To"] for message in post.taken] == ["omar@example.org"]
    assert session.scalars(select(Letter.reason).where(Letter.person_id == reader.id)).one() == "no_address"


def test_a_letter_that_waited_for_days_is_given_up(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    write(session, SWITCHES[Feature.EMAIL], False)
    written(session, house, reader)
    send_due(runtime)
    assert (letter_of(session).state, letter_of(session).reason) == ("todo", "feature_off")
    session.execute(update(Letter).values(give_up_at=now() - GIVE_UP))
    make_due(session)
    send_due(runtime)
    assert (letter_of(session).state, post.taken) == ("failed", [])


def test_a_killed_workers_letter_is_sent_after_its_lease_under_the_same_name(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    written(session, house, reader)
    session.execute(update(Letter).values(state="doing", leased_until=now() + timedelta(minutes=1)))
    assert send_due(runtime) == 0
    session.execute(update(Letter).values(leased_until=now() - timedelta(minutes=1)))
    assert send_due(runtime) == 1
    assert str(letter_of(session).id) in str(post.taken[0]["Message-ID"])


def test_a_server_without_the_wanted_protection_gets_nothing(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    write(session, MAIL_SECURITY, MailSecurity.STARTTLS)
    written(session, house, reader)
    send_due(runtime)
    assert (letter_of(session).reason, post.taken) == ("mail_unprotected", [])


def test_an_address_where_no_service_lives_is_never_connected_to(
    session: Session, runtime: Runtime, house: House, reader: Person, post: MailServer
) -> None:
    write(session, MAIL_HOST, "169.254.169.254")
    written(session, house, reader)
    send_due(runtime)
    assert (letter_of(session).state, post.taken) == ("failed", [])


def test_the_table_keeps_no_words_of_a_letter_that_left(session: Session, house: House, reader: Person) -> None:
    moment = now()
    session.add(
        Letter(
            course_id=house.course.id,
            person_id=reader.id,
            key="k",
            subject="s",
            body="words",
            state="failed",
            next_try_at=moment,
            give_up_at=moment,
        )
    )
    with pytest.raises(IntegrityError, match="forgotten"):
        session.flush()
