"""The doctor's page: for administrators, and it asks the platform only when told."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from lti_tool.administration.doctor.checks import Verdict
from lti_tool.administration.doctor.platforms import WANTED, platform_checks
from lti_tool.lti.dynamic_registration import SCOPES
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fixtures.markup import checked_page


@pytest.fixture(autouse=True)
def unreachable_keys(house: Any) -> None:
    """Nobody listens on this port."""
    house.registration.keyset_url = "http://127.0.0.1:9/certs"


def test_an_administrator_sees_the_checks(enter: Any) -> None:
    words = enter("administrator").page("site/doctor/").get_text()
    assert "PostgreSQL" in words and "Run: lectern worker" in words


@pytest.mark.parametrize("name", ["teacher", "student", "outsider"])
def test_only_administrators_see_the_doctor(enter: Any, name: str) -> None:
    assert enter(name).get("site/doctor/").status_code == 403
    assert enter(name).post("site/doctor/").status_code == 403


def test_opening_the_page_asks_nobody(enter: Any, connected: Any, moodle: Any) -> None:
    enter("administrator").page("site/doctor/")
    assert moodle.received("token") == []


def test_a_platform_that_grants_everything_is_in_order(connected: Any, runtime: Runtime, session: Session) -> None:
    services = platform_checks(runtime, session)[-1]
    assert (services.name, services.verdict) == ("Platform services", Verdict.OK)


def test_a_platform_that_cannot_be_reached_is_named(enter: Any, connected: Any) -> None:
    page = checked_page(enter("administrator").post("site/doctor/").text)
    assert "http://platform.test publishes no keys" in page.get_text()


def test_the_kill_switch_stops_the_question_for_a_token(
    connected: Any, moodle: Any, runtime: Runtime, session: Session
) -> None:
    write(session, ENABLED, False)
    assert platform_checks(runtime, session)[-1].verdict is Verdict.NOTE
    assert moodle.received("token") == []


def test_another_platforms_registrations_are_not_asked(connected: Any, runtime: Runtime, session: Session) -> None:
    assert platform_checks(runtime, session, connected.platform.id + 1) == []


def test_no_more_is_wanted_of_a_platform_than_registration_asks_for() -> None:
    assert frozenset(SCOPES) == WANTED and not any(scope.endswith("/lineitem") for scope in WANTED)
