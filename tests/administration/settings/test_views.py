"""The settings page: found by words, saved as a whole or not at all, secrets never shown, changes audited."""

import pytest
from flask import Flask, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.administration.settings.words import SECTIONS, Section
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import API_KEY, DAILY_LIMIT, SYSTEM_PROMPT, TEMPERATURE
from lti_tool.site_settings.setting import SecretSetting
from lti_tool.site_settings.store import find_own, has_secret, read, snapshot, write
from tests.fixtures.people import Browser, Enter


@pytest.fixture
def admin(enter: Enter) -> Browser:
    return enter("administrator")


def form(**values: str) -> dict[str, object]:
    return {"shown": list(values)} | {f"setting-{key}": value for key, value in values.items()}


def audited(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == "setting.changed")))


@pytest.mark.parametrize("person", ["teacher", "non_editing_teacher", "student", "outsider"])
def test_only_administrators_see_and_change_settings(enter: Enter, session: Session, person: str) -> None:
    browser = enter(person)
    assert browser.get("site/").status_code == 403
    assert browser.post("site/", form(dailylimit="1")).status_code == 403
    assert read(session, DAILY_LIMIT) == 50


def test_every_setting_is_shown_with_its_default(admin: Browser) -> None:
    page = admin.page("site/")
    assert page.find(id="setting-dailylimit")["value"] == "50"  # type: ignore[index]
    assert "Default: 50" in " ".join(page.get_text().split())


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.endpoint)
def test_every_page_of_the_site_is_linked_from_every_other(app: Flask, admin: Browser, section: Section) -> None:
    page = admin.page("site/")
    with app.test_request_context():
        address = url_for(section.endpoint, launch_id=admin.launch_id)
    links = [link["href"] for link in page.find("nav", attrs={"aria-label": "Site pages"}).find_all("a")]  # type: ignore[union-attr]
    assert address in links and len(links) == len(SECTIONS)


def test_a_search_finds_by_label_help_or_key(admin: Browser) -> None:
    page = admin.page("site/?q=questions+minute")
    assert [each["value"] for each in page.find_all(attrs={"name": "shown"})] == ["burstlimit"]
    assert "No setting mentions" in admin.page("site/?q=zzz").get_text()


def test_who_changes_a_colour_gets_the_style_sheet_anew(admin: Browser) -> None:
    before, after = (
        admin.follow(admin.post("site/", form(primarycolor=colour))).select("link[href*=theme]")[-1]["href"]
        for colour in ("#123456", "#654321")
    )
    assert before != after


def test_a_search_is_in_the_language_of_the_page(enter: Enter) -> None:
    page = enter("administrator", locale="it").page("site/?q=interruzione+automatica")
    assert [each["value"] for each in page.find_all(attrs={"name": "shown"})] == ["cbenabled"]


def test_a_change_counts_and_is_audited(admin: Browser, session: Session) -> None:
    page = admin.follow(admin.post("site/", form(dailylimit="7", burstlimit="5")))
    assert "Saved." in page.get_text() and read(session, DAILY_LIMIT) == 7
    (entry,) = audited(session)
    assert (entry.object_id, entry.details) == ("dailylimit", {"before": "", "after": "7"})
    assert entry.actor_id == admin.viewer.person_id


def test_saving_what_is_in_force_sets_nothing(admin: Browser, session: Session) -> None:
    admin.post("site/", form(dailylimit="50", systemprompt=SYSTEM_PROMPT.default.replace("\n", "\r\n")))
    assert find_own(session, DAILY_LIMIT) is None and find_own(session, SYSTEM_PROMPT) is None
    assert audited(session) == []


def test_one_wrong_value_saves_nothing_and_says_why(admin: Browser, session: Session) -> None:
    response = admin.post("site/", form(dailylimit="7", temperature="hot"))
    assert response.status_code == 400
    assert "number from 0 to 1" in response.text and 'value="hot"' in response.text
    assert (read(session, DAILY_LIMIT), read(session, TEMPERATURE)) == (50, TEMPERATURE.default)
    assert audited(session) == []


@pytest.mark.parametrize("key", ["nonsense", "enabled", "feature_tutor"])
def test_a_key_that_is_not_of_this_page_is_refused(admin: Browser, key: str) -> None:
    assert admin.post("site/", form(**{key: "on"})).status_code == 400


def test_a_secret_is_stored_but_never_shown(admin: Browser, session: Session, runtime: Runtime) -> None:
    page = admin.follow(admin.post("site/", form(apikey="sk-canary-1")))
    assert snapshot(session).secret(API_KEY, runtime.secrets) == "sk-canary-1"
    assert "sk-canary" not in str(page) and "It is set. Leave" in page.get_text()
    assert "sk-canary" not in str([entry.details for entry in audited(session)])


def test_an_empty_secret_field_keeps_the_secret(admin: Browser, session: Session) -> None:
    admin.post("site/", form(apikey="sk-canary-1"))
    admin.post("site/", form(apikey=""))
    assert has_secret(session, API_KEY)


def test_a_secret_can_be_removed(admin: Browser, session: Session) -> None:
    admin.post("site/", form(apikey="sk-canary-1"))
    admin.post("site/", {"reset": "apikey"})
    assert not has_secret(session, API_KEY)


def test_a_setting_can_be_put_back(admin: Browser, session: Session) -> None:
    write(session, DAILY_LIMIT, 7)
    admin.follow(admin.post("site/", {"reset": "dailylimit"}))
    assert read(session, DAILY_LIMIT) == 50 and len(audited(session)) == 1


def test_a_long_text_is_audited_by_its_digest(admin: Browser, session: Session) -> None:
    admin.post("site/", form(systemprompt="Be kind. " * 100))
    (entry,) = audited(session)
    assert "sha256" in entry.details["after"] and "kind" not in entry.details["after"]


def test_no_page_shows_the_value_of_a_secret_setting() -> None:
    assert isinstance(API_KEY, SecretSetting) and not hasattr(API_KEY, "default")
