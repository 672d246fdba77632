"""The login at the course site: what it sends, and each thing it refuses (moodle-as-platform.md 1.1)."""

import json
from typing import Any

import jwt
import pytest

from tests.fixtures.demo import CourseSite
from tests.fixtures.markup import checked_page


def asked(site: CourseSite, login: dict[str, str], **changes: str | None) -> dict[str, str]:
    """A good authorization request for a login request; a change to None leaves the parameter out."""
    request = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": site.tool.launch_url,
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "nonce": "nonce-1",
        "state": "state-1",
    }
    return {name: value for name, value in {**request, **changes}.items() if value is not None}


def begun(site: CourseSite, username: str = "amira", path: str | None = None) -> dict[str, str]:
    site.be(username)
    return site.onward(path or f"/activity/{site.activity_id}/launch")


def claims_of(site: CourseSite, fields: dict[str, str]) -> dict[str, Any]:
    key_set = jwt.PyJWKSet.from_dict(site.get("/lti/certs").get_json())
    key = key_set[jwt.get_unverified_header(fields["id_token"])["kid"]]
    claims: dict[str, Any] = jwt.decode(
        fields["id_token"], key.key, algorithms=["RS256"], audience=site.tool.client_id, issuer=site.url
    )
    return claims


def answered(site: CourseSite, request: dict[str, str]) -> dict[str, str]:
    page = checked_page(site.get("/lti/auth", query_string=request).text)
    form = page.find("form")
    assert form is not None and form["action"] == site.tool.launch_url
    return {str(one["name"]): str(one["value"]) for one in form.find_all("input", type="hidden")}


def test_the_login_request_carries_exactly_what_moodle_sends(course_site: CourseSite) -> None:
    login = begun(course_site)
    assert set(login) == {
        "iss",
        "target_link_uri",
        "login_hint",
        "lti_message_hint",
        "client_id",
        "lti_deployment_id",
    }
    assert (login["iss"], login["lti_deployment_id"]) == (course_site.url, "1")
    assert json.loads(login["lti_message_hint"])["cmid"] == str(course_site.activity_id)


def test_a_good_request_is_answered_with_a_signed_token_and_the_state(course_site: CourseSite) -> None:
    fields = answered(course_site, asked(course_site, begun(course_site)))
    assert fields["state"] == "state-1"
    assert claims_of(course_site, fields)["nonce"] == "nonce-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "openid profile"},
        {"scope": None},
        {"response_type": "code"},
        {"nonce": None},
        {"redirect_uri": "https://elsewhere.example/launch"},
        {"redirect_uri": None},
        {"lti_message_hint": None},
        {"lti_message_hint": '{"launchid": "guessed"}'},
        {"lti_message_hint": "[1]"},
    ],
)
def test_a_request_that_cannot_be_trusted_ends_on_an_error_page(
    course_site: CourseSite, changes: dict[str, str | None]
) -> None:
    request = asked(course_site, begun(course_site), **changes)
    response = course_site.get("/lti/auth", query_string=request)
    assert response.status_code == 400
    assert not checked_page(response.text).find("form")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "another"}, "unauthorized_client"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"login_hint": "5"}, "access_denied"),
        ({"login_hint": None}, "access_denied"),
    ],
)
def test_other_mistakes_are_told_to_the_tool(
    course_site: CourseSite, changes: dict[str, str | None], error: str
) -> None:
    fields = answered(course_site, asked(course_site, begun(course_site), **changes))
    assert (fields["error"], fields["state"]) == (error, "state-1")
    assert "id_token" not in fields


def test_the_message_hint_works_once(course_site: CourseSite) -> None:
    request = asked(course_site, begun(course_site))
    answered(course_site, request)
    assert course_site.get("/lti/auth", query_string=request).status_code == 400


def test_a_hint_given_to_one_person_is_refused_to_another(course_site: CourseSite) -> None:
    login = begun(course_site, "amira")
    bruno = course_site.be("bruno")
    fields = answered(course_site, asked(course_site, login, login_hint=str(bruno)))
    assert fields["error"] == "access_denied"


def test_a_request_without_our_cookie_posts_itself_once_more(course_site: CourseSite) -> None:
    request = asked(course_site, begun(course_site))
    stranger = course_site.platform.site.test_client()
    page = checked_page(stranger.post("/lti/auth", data=request, base_url=course_site.url).text)
    hidden = {str(one["name"]): str(one["value"]) for one in page.find_all("input", type="hidden")}
    assert hidden == {**request, "repost": "true"}
    assert stranger.post("/lti/auth", data=hidden, base_url=course_site.url).status_code == 403


def test_a_tool_that_is_not_activated_cannot_be_opened(course_site: CourseSite) -> None:
    course_site.be("admin")
    course_site.send("/tools/1", at="/tools")
    response = course_site.get(f"/activity/{course_site.activity_id}/launch")
    assert response.status_code == 400
    assert "not activated" in response.text


def test_an_outsider_cannot_open_an_activity(course_site: CourseSite) -> None:
    course_site.be("oskar")
    assert course_site.get(f"/activity/{course_site.activity_id}/launch").status_code == 403


def test_another_host_name_is_refused(course_site: CourseSite) -> None:
    assert course_site.client.get("/", base_url="http://rebound.example").status_code == 403
