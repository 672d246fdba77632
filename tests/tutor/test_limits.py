"""Nobody asks more, faster or longer than the settings say, whichever node counts."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.site_settings.catalogue import BURST_LIMIT, DAILY_LIMIT, MAX_MESSAGE_LENGTH
from lti_tool.site_settings.store import snapshot, write
from lti_tool.tutor.limits import allowance_of, checked_question, count_question
from lti_tool.tutor.models import QuestionAsked
from tests.fixtures.people import House, build_house

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def ask_every(session: Session, house: House, gap: timedelta, times: int) -> None:
    for number in range(times):
        count_question(session, snapshot(session, None), house.student.id, at=NOON + number * gap)


def test_control_characters_go_and_line_breaks_stay(session: Session) -> None:
    assert checked_question(snapshot(session, None), "  a\x00b\x1b[1m\x7f\r\nc\td\x0b ") == "ab[1m\nc\td"


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07"])
def test_an_empty_question_is_refused(session: Session, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_question(snapshot(session, None), text)
    assert refused.value.code == "question_empty"


def test_a_question_may_be_as_long_as_the_setting_says_and_no_longer(session: Session) -> None:
    write(session, MAX_MESSAGE_LENGTH, 100)
    assert len(checked_question(snapshot(session, None), "x" * 100)) == 100
    with pytest.raises(InvalidInput) as refused:
        checked_question(snapshot(session, None), "x" * 101)
    assert refused.value.code == "question_too_long"


def test_the_sixth_question_within_a_minute_is_refused(session: Session, house: House) -> None:
    ask_every(session, house, timedelta(seconds=10), 5)
    with pytest.raises(NotAllowed) as refused:
        count_question(session, snapshot(session, None), house.student.id, at=NOON + timedelta(seconds=59))
    assert refused.value.code == "burst_limit"


def test_the_window_slides(session: Session, house: House) -> None:
    ask_every(session, house, timedelta(seconds=10), 5)
    count_question(session, snapshot(session, None), house.student.id, at=NOON + timedelta(seconds=61))


def test_a_refused_question_is_not_counted(session: Session, house: House) -> None:
    ask_every(session, house, timedelta(seconds=1), 5)
    with pytest.raises(NotAllowed):
        count_question(session, snapshot(session, None), house.student.id, at=NOON + timedelta(seconds=30))
    assert session.scalar(select(func.count()).select_from(QuestionAsked)) == 5


def test_the_day_has_a_limit_and_midnight_ends_it(session: Session, house: House) -> None:
    write(session, DAILY_LIMIT, 2)
    ask_every(session, house, timedelta(minutes=2), 2)
    with pytest.raises(NotAllowed) as refused:
        count_question(session, snapshot(session, None), house.student.id, at=NOON + timedelta(minutes=10))
    assert refused.value.code == "daily_limit"
    assert (
        count_question(session, snapshot(session, None), house.student.id, at=NOON + timedelta(days=1)).left_today == 1
    )


def test_zero_means_no_daily_limit(session: Session, house: House) -> None:
    write(session, DAILY_LIMIT, 0)
    assert count_question(session, snapshot(session, None), house.student.id).left_today is None


def test_what_is_left_is_said_when_it_is_low(session: Session, house: House) -> None:
    write(session, DAILY_LIMIT, 6)
    assert not allowance_of(session, snapshot(session, None), house.student.id).is_low
    assert count_question(session, snapshot(session, None), house.student.id).left_today == 5
    assert allowance_of(session, snapshot(session, None), house.student.id).is_low


def test_one_persons_questions_are_not_anothers(session: Session, house: House) -> None:
    ask_every(session, house, timedelta(seconds=1), 5)
    count_question(session, snapshot(session, None), house.people["other_student"].id, at=NOON + timedelta(seconds=10))


def test_old_counts_are_forgotten(session: Session, house: House) -> None:
    ask_every(session, house, timedelta(days=3), 2)
    assert session.scalars(select(QuestionAsked.asked_at)).all() == [NOON + timedelta(days=3)]


def test_nodes_that_count_at_once_agree(committed_engine: Engine) -> None:
    with transaction(committed_engine) as session:
        write(session, BURST_LIMIT, 3)
        person_id = build_house(session).student.id
    barrier, refused = Barrier(8), []

    def count() -> None:
        barrier.wait()
        try:
            with transaction(committed_engine) as session:
                count_question(session, snapshot(session, None), person_id, at=now())
        except NotAllowed as error:
            refused.append(error.code)

    threads = [Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["burst_limit"] * 5
