"""What real platforms send and the certification table does not name: it must be accepted."""

import time
from typing import Any

import pytest

from lti_tool.accounts.models import Role
from tests.fakes.platform import ABSENT, AGS, INSTRUCTOR, MEMBERSHIP, NRPS, FakePlatform
from tests.fixtures.launches import Visitor, claim


def test_a_launch_without_context(visitor: Visitor) -> None:
    assert visitor.launch(**{claim("context"): ABSENT}).status_code == 303


def test_two_links_without_context_share_no_course(visitor: Visitor) -> None:
    first = visitor.viewer(visitor.launch(**{claim("context"): ABSENT}))
    link = {"id": "71", "title": "Another"}
    second = visitor.viewer(visitor.launch(**{claim("context"): ABSENT, claim("resource_link"): link}))
    assert first.course_id != second.course_id


def test_a_role_with_a_part(visitor: Visitor) -> None:
    roles = [INSTRUCTOR, f"{MEMBERSHIP}/Instructor#TeachingAssistant"]
    assert visitor.viewer(visitor.launch(**{claim("roles"): roles})).role is Role.NON_EDITING_TEACHER


def test_a_deep_linking_launch_without_target(visitor: Visitor, platform: FakePlatform) -> None:
    response = visitor.launch("teacher", **platform.deep_linking() | {claim("target_link_uri"): ABSENT})
    assert response.location.endswith("/launch/picker")


@pytest.mark.parametrize("presentation", [ABSENT, None, {}, {"locale": None}, {"locale": "no such language"}])
def test_a_missing_or_odd_locale(visitor: Visitor, presentation: Any) -> None:
    response = visitor.launch(**{claim("launch_presentation"): presentation})
    assert visitor.viewer(response).locale == ""


@pytest.mark.parametrize("name", ["نور الهدى", "Zoë 🦊 O’Hara", "‮olleh‬", "N" * 3000])
def test_a_name_of_any_script_and_length(visitor: Visitor, name: str) -> None:
    visitor.viewer(visitor.launch(name=name))
    assert visitor.house.student.name == name[:500]


def test_a_token_55_seconds_old(visitor: Visitor) -> None:
    moment = int(time.time()) - 55
    assert visitor.launch(iat=moment, exp=moment + 60).status_code == 303


def test_a_platform_clock_20_seconds_ahead(visitor: Visitor) -> None:
    moment = int(time.time()) + 20
    assert visitor.launch(iat=moment, exp=moment + 60).status_code == 303


def test_an_audience_list_of_ours_alone(visitor: Visitor) -> None:
    assert visitor.launch(aud=["client-1"]).status_code == 303


def test_several_audiences_with_us_as_authorized_party(visitor: Visitor) -> None:
    assert visitor.launch(aud=["other", "client-1"], azp="client-1").status_code == 303


def test_no_services_at_all(visitor: Visitor) -> None:
    assert visitor.launch(**{AGS: ABSENT, NRPS: None}).status_code == 303


def test_a_login_without_client_id_for_an_issuer_with_one(visitor: Visitor, platform: FakePlatform) -> None:
    login = visitor.login(client_id="", lti_deployment_id="")
    assert visitor.post(login, platform.sign(visitor.claims(login))).status_code == 303


def test_a_login_by_get(visitor: Visitor, platform: FakePlatform) -> None:
    query = {"iss": platform.issuer, "login_hint": "2", "target_link_uri": "http://127.0.0.1:8000/lti/launch"}
    response = visitor.client.get("/lti/login", query_string=query, base_url="http://127.0.0.1:8000")
    assert response.location.startswith("http://platform.test/auth?scope=openid&response_type=id_token")


def test_custom_values_as_numbers(visitor: Visitor) -> None:
    assert visitor.launch(**{claim("custom"): {"points": 10, "graded": True, "due": None}}).status_code == 303
