"""A course's value beats the site's, the site's beats the default; secrets never come out again."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import API_KEY, CATALOGUE, DAILY_LIMIT, RAG_THRESHOLD, RAG_TOP_K
from lti_tool.site_settings.models import SettingValue
from lti_tool.site_settings.store import (
    clear,
    has_secret,
    read,
    snapshot,
    version_of,
    write,
    write_secret,
)
from tests.fixtures.people import House


def test_without_a_value_the_default_is_in_force(session: Session) -> None:
    assert read(session, RAG_TOP_K) == 5


def test_a_course_value_beats_the_sites_value(session: Session, house: House) -> None:
    write(session, RAG_TOP_K, 7)
    write(session, RAG_TOP_K, 3, course_id=house.course.id)
    assert read(session, RAG_TOP_K, house.course.id) == 3
    assert read(session, RAG_TOP_K, house.other_course.id) == 7
    assert read(session, RAG_TOP_K) == 7


def test_a_cleared_course_value_gives_way_to_the_sites(session: Session, house: House) -> None:
    write(session, RAG_TOP_K, 7)
    write(session, RAG_TOP_K, 3, course_id=house.course.id)
    assert clear(session, RAG_TOP_K, course_id=house.course.id)
    assert read(session, RAG_TOP_K, house.course.id) == 7
    assert clear(session, RAG_TOP_K, course_id=house.course.id) is None


def test_a_number_keeps_what_was_typed(session: Session) -> None:
    write(session, RAG_THRESHOLD, Decimal("0.1"))
    assert read(session, RAG_THRESHOLD) == Decimal("0.1")


def test_a_write_reports_what_changed(session: Session) -> None:
    write(session, DAILY_LIMIT, 10)
    change = write(session, DAILY_LIMIT, 20)
    assert change and (change.key, change.before, change.after) == ("dailylimit", "10", "20")


def test_the_same_value_again_changes_nothing(session: Session) -> None:
    write(session, DAILY_LIMIT, 10)
    assert write(session, DAILY_LIMIT, 10) is None
    assert version_of(session, DAILY_LIMIT) == 1


def test_changes_are_counted(session: Session) -> None:
    assert version_of(session, DAILY_LIMIT) == 0
    for value in (10, 20, 30):
        write(session, DAILY_LIMIT, value)
    assert version_of(session, DAILY_LIMIT) == 3


def test_a_setting_of_the_site_cannot_be_set_for_a_course(session: Session, house: House) -> None:
    with pytest.raises(InvalidInput, match="setting_of_site"):
        write(session, DAILY_LIMIT, 10, course_id=house.course.id)


def test_a_value_out_of_bounds_is_refused_whoever_writes_it(session: Session) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 20"):
        write(session, RAG_TOP_K, 0)


def test_an_unknown_key_is_refused_with_its_name() -> None:
    with pytest.raises(InvalidInput, match="temperatur"):
        CATALOGUE.get("temperatur")


def test_the_table_holds_one_value_of_the_site_for_a_key(session: Session) -> None:
    session.add_all([SettingValue(key="ragtopk", value=1), SettingValue(key="ragtopk", value=2)])
    with pytest.raises(IntegrityError, match="uq_setting_value_site"):
        session.flush()


def test_a_secret_is_stored_encrypted(session: Session, secrets: Secrets) -> None:
    write_secret(session, API_KEY, " sk-canary ", secrets=secrets)
    row = session.scalars(select(SettingValue).where(SettingValue.key == "apikey")).one()
    assert row.value is None and "canary" not in (row.encrypted or "")
    assert snapshot(session).secret(API_KEY, secrets) == "sk-canary"


def test_a_change_of_a_secret_does_not_say_it(session: Session, secrets: Secrets) -> None:
    change = write_secret(session, API_KEY, "sk-canary", secrets=secrets)
    assert change and (change.before, change.after) == ("not set", "set")


def test_an_empty_secret_removes_it(session: Session, secrets: Secrets) -> None:
    write_secret(session, API_KEY, "sk-canary", secrets=secrets)
    write_secret(session, API_KEY, "", secrets=secrets)
    assert not has_secret(session, API_KEY) and snapshot(session).secret(API_KEY, secrets) == ""


def test_a_snapshot_reads_what_single_reads_do(session: Session, house: House) -> None:
    write(session, RAG_TOP_K, 7)
    write(session, RAG_TOP_K, 3, course_id=house.course.id)
    write(session, DAILY_LIMIT, 9)
    seen = snapshot(session, house.course.id)
    assert (seen.read(RAG_TOP_K), seen.read(DAILY_LIMIT), seen.read(RAG_THRESHOLD)) == (3, 9, Decimal("0.7"))
    assert snapshot(session, house.other_course.id).read(RAG_TOP_K) == 7
