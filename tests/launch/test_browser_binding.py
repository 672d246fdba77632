"""A launch belongs to the browser that logged in: by cookie, by the platform's storage, or in a new window."""

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.accounts.models import BoundLaunch
from tests.fakes.platform import FakePlatform
from tests.fixtures.launches import ORIGIN, Login, Visitor
from tests.fixtures.markup import checked_page


def lose_cookies(visitor: Visitor) -> None:
    """The browser keeps no cookie of a framed page."""
    visitor.client = visitor.app.test_client(use_cookies=False)


def launches(visitor: Visitor) -> int:
    return visitor.house.session.scalar(select(func.count()).select_from(BoundLaunch)) or 0


def test_the_cookie_is_partitioned_and_out_of_reach_of_scripts(visitor: Visitor) -> None:
    first = visitor.login().response.headers.getlist("Set-Cookie")[0]
    name, *attributes = first.split("; ")
    assert name.startswith("__Host-lectern=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"} <= set(attributes)


def test_one_browser_keeps_its_id(visitor: Visitor) -> None:
    visitor.login()
    before = visitor.browser_id
    visitor.login()
    assert visitor.browser_id == before


def test_nothing_secret_is_in_the_addresses(visitor: Visitor) -> None:
    visitor.launch()
    response = visitor.launch()
    assert visitor.browser_id not in response.location and "eyJ" not in response.location


def test_a_launch_id_without_the_cookie_is_worthless(visitor: Visitor, other_visitor: Visitor) -> None:
    address = visitor.launch().location
    assert other_visitor.client.get(address, base_url=ORIGIN).status_code == 404


def unbound(visitor: Visitor, **login_changes: Any) -> tuple[Login, TestResponse]:
    """A launch whose browser shows no cookie."""
    lose_cookies(visitor)
    login = visitor.login(**login_changes)
    return login, visitor.post(login, visitor.platform.sign(visitor.claims(login)))


def form_with(page: BeautifulSoup, **attributes: str) -> Tag:
    form = page.find("form", attrs=attributes)
    assert isinstance(form, Tag)
    return form


def test_without_a_cookie_one_button_opens_a_new_window(visitor: Visitor) -> None:
    _, response = unbound(visitor)
    page = checked_page(response.text)
    assert form_with(page, target="_blank").button.get_text() == "Open in a new window"
    assert launches(visitor) == 0


def test_in_moodle_the_new_window_starts_at_the_activity(visitor: Visitor) -> None:
    form = form_with(checked_page(unbound(visitor)[1].text), target="_blank")
    assert (form["method"], form["action"]) == ("get", "http://platform.test/mod/lti/launch.php")
    assert [(field["name"], field["value"]) for field in form.find_all("input")] == [("id", "4")]


@pytest.mark.parametrize("hint", ["opaque", '{"launchid":"x"}', '{"cmid":"4;evil"}', "[1]", "5"])
def test_elsewhere_the_new_window_starts_the_login_again(visitor: Visitor, hint: str) -> None:
    form = form_with(checked_page(unbound(visitor, lti_message_hint=hint)[1].text), target="_blank")
    fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")}
    assert form["action"] == f"{ORIGIN}/lti/login"
    top_level = visitor.app.test_client()
    assert top_level.post("/lti/login", data=fields, base_url=ORIGIN).status_code == 302
    assert fields["lti_message_hint"] == hint


def test_the_page_may_be_framed_by_the_platform_alone(visitor: Visitor) -> None:
    policy = unbound(visitor)[1].headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' http://platform.test http://platform.test")


STORAGE = {"lti_storage_target": "_parent"}


def storage_login(visitor: Visitor) -> tuple[Login, Tag]:
    """A login at a platform with storage: the page that hands the browser id over."""
    response = visitor.login(**STORAGE).response
    link = checked_page(response.text).find("a", attrs={"data-module": "platform-storage-put"})
    assert isinstance(link, Tag)
    query = dict(part.split("=", 1) for part in str(link["href"]).partition("?")[2].split("&"))
    return Login(state=query["state"], nonce=query["nonce"], response=response), link


def test_a_platform_with_storage_is_given_the_browser_id(visitor: Visitor) -> None:
    login, link = storage_login(visitor)
    assert (link["data-origin"], link["data-frame"]) == ("http://platform.test", "_parent")
    assert (link["data-key"], link["data-value"]) == (f"lectern_{login.state}", visitor.browser_id)


def proven(visitor: Visitor, proof: str, origin: str = ORIGIN) -> TestResponse:
    """A launch whose first post brought no cookie, and whose page posts the proof back."""
    login, link = storage_login(visitor)
    token = visitor.platform.sign(visitor.claims(login))
    visitor.client = visitor.app.test_client()
    page = checked_page(visitor.post(login, token).text)
    form = form_with(page, **{"data-module": "platform-storage-get"})
    assert form["data-key"] == f"lectern_{login.state}"
    fields = {str(field["name"]): str(field["value"]) for field in form.find_all("input")}
    fields["browser_proof"] = str(link["data-value"]) if proof == "kept" else proof
    return visitor.client.post("/lti/launch", data=fields, base_url=ORIGIN, headers={"Origin": origin})


def test_the_value_from_the_platforms_storage_binds_the_launch(visitor: Visitor) -> None:
    response = proven(visitor, "kept")
    assert response.status_code == 303
    assert visitor.client.get(response.location, base_url=ORIGIN).status_code == 200


def test_another_value_does_not(visitor: Visitor) -> None:
    assert proven(visitor, "guessed").status_code == 403
    assert launches(visitor) == 0


def test_a_proof_from_a_foreign_page_does_not(visitor: Visitor) -> None:
    assert proven(visitor, "kept", origin="http://evil.test").status_code == 403
    assert launches(visitor) == 0


def test_a_proof_without_any_cookie_leads_to_the_new_window(visitor: Visitor, platform: FakePlatform) -> None:
    login, link = storage_login(visitor)
    lose_cookies(visitor)
    form = {
        "state": login.state,
        "id_token": platform.sign(visitor.claims(login)),
        "browser_proof": str(link["data-value"]),
    }
    response = visitor.client.post("/lti/launch", data=form, base_url=ORIGIN, headers={"Origin": ORIGIN})
    page = checked_page(response.text)
    assert form_with(page, target="_blank") and not page.find("form", attrs={"data-module": "platform-storage-get"})
    assert launches(visitor) == 0
