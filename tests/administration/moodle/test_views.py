"""The platform's token: administrators alone, tried before it is kept, for every course of the platform."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.moodle.models import MoodleToken
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.moodle import place_in
from tests.fixtures.people import Enter, House


@pytest.fixture
def platform(session: Session, house: House, services: FakeMoodle) -> House:
    place_in(house, services.url)
    write(session, ENABLED, True)
    return house


def test_an_administrator_sets_checks_and_takes_away_the_platforms_token(
    enter: Enter, session: Session, platform: House
) -> None:
    admin = enter("administrator")
    assert "There is no token yet." in admin.get("site/moodle/").text
    assert "What the token unlocks" in admin.post("site/moodle/token", {"token": TOKEN}).text
    assert session.scalars(select(MoodleToken.course_id)).all() == [None]
    assert "What the token unlocks" in admin.post("site/moodle/check").text
    assert "There is no token yet." in admin.follow(admin.post("site/moodle/remove")).text
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["moodle_token.set", "moodle_token.removed"]


def test_a_teacher_is_told_that_the_sites_token_serves(enter: Enter, platform: House) -> None:
    enter("administrator").post("site/moodle/token", {"token": TOKEN})
    assert "with the token of the site" in enter("teacher").get("material/moodle").text
    assert "Read the course now" in enter("teacher").get("material").text


def test_a_wrong_token_is_refused(enter: Enter, session: Session, platform: House) -> None:
    assert enter("administrator").post("site/moodle/token", {"token": "f" * 32}).status_code == 400
    assert session.scalars(select(MoodleToken)).all() == []


def test_a_check_that_moodle_refuses_says_why(enter: Enter, services: FakeMoodle, platform: House) -> None:
    admin = enter("administrator")
    admin.post("site/moodle/token", {"token": TOKEN})
    services.refusals["core_webservice_get_site_info"] = "sitemaintenance"
    assert "being maintained" in admin.post("site/moodle/check").text


@pytest.mark.parametrize("name", ["teacher", "student", "outsider"])
def test_nobody_else_may(enter: Enter, session: Session, platform: House, name: str) -> None:
    assert enter(name).get("site/moodle/").status_code == 403
    for post in ("token", "check", "remove"):
        assert enter(name).post(f"site/moodle/{post}", {"token": TOKEN}).status_code == 403
    assert session.scalars(select(MoodleToken)).all() == []
