"""Teachers are told once that questions wait, by a message in Moodle or by e-mail, and never what was asked."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import CapabilityOverride, PlacementKind, Role
from lti_tool.mail.models import Letter
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.chat import TELL_TEACHERS
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST
from lti_tool.site_settings.store import write
from lti_tool.tutor.escalation.telling import tell_of_waiting
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.views import NODE
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.people import Enter, House
from tests.tutor.escalation.test_views import CHESS, escalate

pytestmark = pytest.mark.usefixtures("material")
TEACHER, ASSISTANT = 2, 3
MESSAGES = "core_message_send_instant_messages"


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture(autouse=True)
def others_token(services: FakeMoodle) -> None:
    """The token's user is none of the course's teachers."""
    services.tokens[TOKEN] = 99


@pytest.fixture
def asked(session: Session, house: House, enter: Enter, runtime: Runtime) -> Callable[[], None]:
    """A student has asked; calling it tells the teachers."""
    write(session, MAIL_HOST, "mail.example")
    write(session, MAIL_FROM, "lectern@example.org")
    house.links[PlacementKind.TUTOR].course_module = 77
    escalate(enter("student"))
    return lambda: tell_of_waiting(runtime, house.course.id)


def letters(session: Session) -> dict[str, Letter]:
    session.expire_all()
    return {letter.person.name: letter for letter in session.scalars(select(Letter))}


def test_teachers_and_assistants_get_one_message_in_moodle_with_the_way_to_it(
    session: Session, in_moodle: House, services: FakeMoodle, asked: Callable[[], None]
) -> None:
    asked()
    asked()
    assert set(services.messages) == {TEACHER, ASSISTANT} and letters(session) == {}
    (message,) = services.messages[TEACHER]
    assert "“Plant biology”" in message and "wait for a teacher: 1." in message
    assert f'<a href="{services.url}/mod/lti/view.php?id=77">' in message
    assert "chess" not in message and "Canary" not in message


def test_a_question_of_later_is_told_of_with_all_that_wait(
    in_moodle: House, services: FakeMoodle, asked: Callable[[], None], enter: Enter
) -> None:
    asked()
    escalate(enter("other_student"), CHESS)
    asked()
    assert len(services.messages[TEACHER]) == 1, "the same question waits already"
    escalate(enter("other_student"), "Who won the tennis championship?")
    asked()
    assert "wait for a teacher: 2." in services.messages[TEACHER][1]


def test_whom_moodle_lets_nobody_write_to_gets_an_e_mail(
    session: Session, in_moodle: House, services: FakeMoodle, asked: Callable[[], None]
) -> None:
    services.closed_to_messages = {ASSISTANT}
    asked()
    assert set(services.messages) == {TEACHER} and set(letters(session)) == {"Non Editing Teacher Canary"}


def test_the_tokens_own_user_gets_an_e_mail_besides_for_moodle_tells_nobody_of_a_message_to_oneself(
    session: Session, in_moodle: House, services: FakeMoodle, asked: Callable[[], None]
) -> None:
    services.tokens[TOKEN] = TEACHER
    asked()
    assert set(services.messages) == {TEACHER, ASSISTANT} and set(letters(session)) == {"Teacher Canary"}


@pytest.mark.parametrize("trouble", ["lacks the function", "refused", "unreadable", "switched off"])
def test_where_no_message_goes_out_everybody_gets_an_e_mail(
    session: Session, in_moodle: House, services: FakeMoodle, asked: Callable[[], None], trouble: str
) -> None:
    if trouble == "lacks the function":
        services.functions.remove(MESSAGES)
    elif trouble == "refused":
        services.refusals[MESSAGES] = "required_capability_exception"
    elif trouble == "unreadable":
        services.raw[MESSAGES] = (200, b"[1]")
    else:
        write(session, ENABLED, False)
    asked()
    assert len(letters(session)) == 2 and services.messages == {}


def test_without_a_token_everybody_gets_an_e_mail_with_the_way_to_it(
    session: Session, house: House, asked: Callable[[], None]
) -> None:
    asked()
    found = letters(session)
    assert set(found) == {"Teacher Canary", "Non Editing Teacher Canary"}
    assert all("/mod/lti/view.php?id=77" in letter.body for letter in found.values())
    assert all("Plant biology" in letter.subject and "chess" not in letter.body for letter in found.values())


def test_who_may_not_answer_is_not_told(session: Session, house: House, asked: Callable[[], None]) -> None:
    override = CapabilityOverride(
        course_id=house.course.id,
        role=Role.NON_EDITING_TEACHER,
        capability=Capability.ANSWER,
        is_allowed=False,
    )
    session.add(override)
    session.flush()
    asked()
    assert set(letters(session)) == {"Teacher Canary"}


def test_a_course_can_switch_it_off(session: Session, house: House, asked: Callable[[], None]) -> None:
    write(session, TELL_TEACHERS, False, course_id=house.course.id)
    asked()
    assert letters(session) == {}


def test_a_question_that_is_handed_on_queues_one_telling_for_all_that_follow(session: Session, enter: Enter) -> None:
    escalate(enter("student"))
    escalate(enter("other_student"), "Who won the tennis championship?")
    query = "SELECT count(*), min(scheduled_at) > now() FROM procrastinate_jobs WHERE task_name = 'questions.tell'"
    assert tuple(session.execute(text(query)).one()) == (1, True)
