"""Dynamic registration: the token works once, the tool waits for activation (moodle-as-platform.md 1.8)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from lti_tool.demo import scopes
from lti_tool.demo.models import Tool
from lti_tool.demo.registration import TOOL
from tests.demo.test_oidc import answered, asked, begun
from tests.fixtures.demo import CourseSite
from tests.fixtures.markup import checked_page

WANTED = f"{scopes.LINE_ITEMS_READ} {scopes.SCORES} {scopes.ROSTER} https://example.org/unheard-of"


def configuration(**changes: Any) -> dict[str, Any]:
    """A good registration; `tool` holds changes of the tool configuration; None leaves a field out."""
    inner = {
        "domain": "tool.example:8443",
        "target_link_uri": "https://tool.example:8443/lti/launch",
        "description": "A tool",
        "claims": ["iss", "sub"],
        "custom_parameters": {"history": "$Context.id.history", "cut": "a=b"},
        "messages": [{"type": "LtiDeepLinkingRequest", "target_link_uri": "https://tool.example:8443/pick"}],
        **changes.pop("tool", {}),
    }
    values = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": "https://tool.example:8443/lti/login",
        "redirect_uris": ["https://tool.example:8443/lti/launch"],
        "client_name": "A tool by registration",
        "jwks_uri": "https://tool.example:8443/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": WANTED,
        TOOL: {name: value for name, value in inner.items() if value is not None},
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def invitation(site: CourseSite, address: str = "https://tool.example:8443/lti/register?code=7") -> dict[str, str]:
    """The query of the address that the administrator's page opens in its frame."""
    site.be("admin")
    frame = checked_page(site.send("/tools", at="/tools", address=address).text).find("iframe")
    assert frame is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(str(frame["src"])).query).items()}


def register(site: CourseSite, token: str, asked: Any) -> TestResponse:
    return site.post("/lti/registration", json=asked, headers={"Authorization": f"Bearer {token}"})


def registered(site: CourseSite, **changes: Any) -> TestResponse:
    return register(site, invitation(site)["registration_token"], configuration(**changes))


def test_the_frame_gets_the_configuration_the_token_and_the_old_query(course_site: CourseSite) -> None:
    query = invitation(course_site)
    assert query["code"] == "7"
    assert query["openid_configuration"] == f"{course_site.url}/lti/openid-configuration"


def test_the_configuration_names_endpoints_of_the_site(course_site: CourseSite) -> None:
    found = course_site.get("/lti/openid-configuration").get_json()
    endpoints = ("token_endpoint", "jwks_uri", "authorization_endpoint", "registration_endpoint")
    assert found["issuer"] == course_site.url
    assert all(found[name].startswith(f"{course_site.url}/lti/") for name in endpoints)


def test_a_registered_tool_waits_for_activation(course_site: CourseSite) -> None:
    reply = registered(course_site).get_json()
    assert reply[TOOL]["deployment_id"] == "2"
    tools = checked_page(course_site.get("/tools").text).get_text()
    assert "A tool by registration" in tools and "pending" in tools
    course_site.be("teresa")
    assert "A tool by registration" not in course_site.get("/course/1").text


def test_an_activated_tool_is_offered_to_teachers(course_site: CourseSite) -> None:
    registered(course_site)
    course_site.send("/tools/2", at="/tools", is_active="on")
    course_site.be("teresa")
    assert "Add activities with A tool by registration" in course_site.get("/course/1").text


def test_the_reply_claims_more_scopes_than_a_token_will_have(course_site: CourseSite) -> None:
    named = registered(course_site).get_json()["scope"].split()
    assert scopes.LINE_ITEMS in named and "https://example.org/unheard-of" not in named
    course_site.be("admin")


def test_a_custom_value_is_cut_at_its_second_equals_sign(course_site: CourseSite) -> None:
    registered(course_site)
    with course_site.platform.store.transaction() as rows:
        assert rows.get_one(Tool, 2).custom == {"history": "$Context.id.history", "cut": "a"}


@pytest.mark.parametrize(
    ("claims", "names", "emails"), [(["sub"], False, False), (["name", "sub"], True, False), (["email"], False, True)]
)
def test_names_and_mail_are_shared_only_if_asked_for(
    course_site: CourseSite, claims: list[str], names: bool, emails: bool
) -> None:
    registered(course_site, tool={"claims": claims})
    with course_site.platform.store.transaction() as rows:
        tool = rows.get_one(Tool, 2)
        assert (tool.shares_names, tool.shares_emails) == (names, emails)


def test_a_registration_token_works_once(course_site: CourseSite) -> None:
    token = invitation(course_site)["registration_token"]
    assert register(course_site, token, configuration()).status_code == 200
    again = register(course_site, token, configuration())
    assert (again.status_code, again.text) == (401, "token_already_used")


def test_a_refused_registration_may_be_tried_again(course_site: CourseSite) -> None:
    token = invitation(course_site)["registration_token"]
    assert register(course_site, token, configuration(client_name=None)).status_code == 400
    assert register(course_site, token, configuration()).status_code == 200


def test_a_registration_without_a_token_is_refused(course_site: CourseSite) -> None:
    answer = course_site.post("/lti/registration", json=configuration())
    assert (answer.status_code, answer.text) == (401, "missing_registration_token")


def test_a_token_that_the_site_did_not_sign_is_refused(course_site: CourseSite) -> None:
    forged = course_site.tool.sign({"aud": f"{course_site.url}/lti/registration", "sub": "x", "exp": 9_999_999_999})
    assert register(course_site, forged, configuration()).status_code == 400


def test_an_id_token_is_no_registration_token(course_site: CourseSite) -> None:
    fields = answered(course_site, asked(course_site, begun(course_site)))
    assert register(course_site, fields["id_token"], configuration()).status_code == 400


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"initiate_login_uri": None}, "missing required attribute initiate_login_uri"),
        ({"redirect_uris": None}, "missing required attribute redirect_uris"),
        ({"redirect_uris": "https://tool.example:8443/"}, "invalid_redirect_uris"),
        ({"jwks_uri": None}, "missing required attribute jwks_uri"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_token_endpoint_auth_method"),
        ({"tool": {"domain": None}}, "missing_domain"),
        ({"tool": {"domain": "elsewhere.example"}}, "domain_targetlinkuri_mismatch"),
        ({TOOL: "text"}, "missing_domain"),
    ],
)
def test_what_is_missing_is_said_in_plain_words(course_site: CourseSite, changes: dict[str, Any], words: str) -> None:
    answer = registered(course_site, **changes)
    assert (answer.status_code, answer.mimetype, answer.text) == (400, "text/html", words)


def test_what_is_no_json_is_refused(course_site: CourseSite) -> None:
    token = invitation(course_site)["registration_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert course_site.post("/lti/registration", data="{", headers=headers).status_code == 400


@pytest.mark.parametrize("address", ["tool.example/register", "javascript:alert(1)", "http://"])
def test_only_an_address_can_be_registered(course_site: CourseSite, address: str) -> None:
    course_site.be("admin")
    assert course_site.send("/tools", at="/tools", address=address).status_code == 400


@pytest.mark.parametrize("username", ["teresa", "amira"])
def test_the_tools_are_the_administrators_alone(course_site: CourseSite, username: str) -> None:
    course_site.be(username)
    assert course_site.get("/tools").status_code == 403
