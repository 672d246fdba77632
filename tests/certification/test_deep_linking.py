"""Certification guide 6.2: a deep linking request is answered with a response that a strict platform accepts."""

import time
from typing import Any

import jwt
import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.accounts.models import Placement
from tests.fakes.platform import DL, LTI, FakePlatform
from tests.fixtures.launches import ORIGIN, Visitor
from tests.fixtures.markup import checked_page

CHOICE = {
    "kind": ["activity", "tutor"],
    "activity-title": "Essay on roots",
    "activity-points": "10",
    "activity-rubric": "Clarity: 4\nEvidence: 6",
    "tutor-title": "Ask about roots",
}


def open_picker(visitor: Visitor, **settings: Any) -> BeautifulSoup:
    return visitor.follow(visitor.launch("teacher", **visitor.platform.deep_linking(**settings)))


def form_of(page: BeautifulSoup) -> dict[str, Any]:
    """What the picker's form sends by itself."""
    fields = page.select("form input[type=hidden][value]")
    return {str(field["name"]): str(field["value"]) for field in fields if not str(field["name"]).endswith("-utc")}


def submit(visitor: Visitor, page: BeautifulSoup, choice: dict[str, Any]) -> TestResponse:
    response = visitor.client.post(
        "/lti/deep-link", data=form_of(page) | choice, base_url=ORIGIN, headers={"Origin": ORIGIN}
    )
    visitor.house.session.expire_all()
    return response


def answer_form(visitor: Visitor, choice: dict[str, Any] = CHOICE, **settings: Any) -> Tag:
    response = submit(visitor, open_picker(visitor, **settings), choice)
    assert response.status_code == 200, response.text
    form = checked_page(response.text).find("form")
    assert isinstance(form, Tag)
    return form


def token_of(form: Tag) -> str:
    field = form.find("input", attrs={"name": "JWT"})
    assert isinstance(field, Tag)
    return str(field["value"])


@pytest.fixture
def message(visitor: Visitor) -> dict[str, Any]:
    """A response without its signature being checked."""
    return dict(jwt.decode(token_of(answer_form(visitor)), options={"verify_signature": False}))


def test_d1_the_request_opens_the_picker(visitor: Visitor) -> None:
    assert open_picker(visitor).h1.get_text() == "Add to your course"


def test_d2_the_response_is_posted_to_the_return_address(visitor: Visitor) -> None:
    form = answer_form(visitor)
    assert (form["method"], form["action"]) == (
        "post",
        "http://platform.test/mod/lti/contentitem_return.php?sesskey=CANARYKEY",
    )
    assert form.find("button", attrs={"type": "submit"}) and form["data-module"] == "auto-submit"


def test_d2_the_policy_lets_the_form_go_there(visitor: Visitor) -> None:
    response = submit(visitor, open_picker(visitor), CHOICE)
    assert "form-action 'self' http://platform.test;" in response.headers["Content-Security-Policy"]


def test_d3_the_items_have_the_format_that_moodle_keeps(message: dict[str, Any], visitor: Visitor) -> None:
    tutor, activity = message[f"{DL}content_items"]
    placement = visitor.house.session.scalars(select(Placement).where(Placement.title == "Essay on roots")).one()
    assert tutor["type"] == "ltiResourceLink" and tutor["title"] == "Ask about roots" and "lineItem" not in tutor
    assert activity["url"] == f"{ORIGIN}/lti/launch"
    assert activity["custom"] == {"placement": str(placement.id)}
    line_item = activity["lineItem"]
    assert (line_item["scoreMaximum"], line_item["resourceId"], line_item["tag"]) == (
        10,
        str(placement.id),
        "activity",
    )
    assert line_item["submissionReview"]["url"] == f"{ORIGIN}/lti/launch"


def test_d4_the_times_suit_a_platform_without_leeway(message: dict[str, Any]) -> None:
    assert time.time() - 60 < message["iat"] <= time.time() - 29
    assert time.time() < message["exp"] <= time.time() + 300


def test_d5_the_signature_fits_the_published_key_set(visitor: Visitor) -> None:
    token = token_of(answer_form(visitor))
    published = visitor.client.get("/lti/jwks.json", base_url=ORIGIN).get_json()
    key = next(key for key in published["keys"] if key["kid"] == jwt.get_unverified_header(token)["kid"])
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience="http://platform.test")
    assert (key["alg"], key["use"]) == ("RS256", "sig")


def test_d6_the_required_claims_are_there(message: dict[str, Any]) -> None:
    assert (message["iss"], message["aud"]) == ("client-1", "http://platform.test")
    assert message[f"{LTI}message_type"] == "LtiDeepLinkingResponse"
    assert (message[f"{LTI}version"], message[f"{LTI}deployment_id"]) == ("1.3.0", "1")
    assert message["nonce"] and f"{DL}data" not in message


@pytest.mark.parametrize("data", ["", "csrftoken:c7fbba78"])
def test_d6_data_is_returned_when_it_was_sent(visitor: Visitor, data: str) -> None:
    token = token_of(answer_form(visitor, data=data))
    assert jwt.decode(token, options={"verify_signature": False})[f"{DL}data"] == data


def test_d7_a_placed_item_launches_into_its_placement(visitor: Visitor, platform: FakePlatform) -> None:
    message = jwt.decode(token_of(answer_form(visitor)), options={"verify_signature": False})
    custom = message[f"{DL}content_items"][1]["custom"]
    link = {"id": "90", "title": "Essay on roots"}
    viewer = visitor.viewer(visitor.launch("student", **{f"{LTI}custom": custom, f"{LTI}resource_link": link}))
    assert (str(viewer.placement_id), viewer.placement_kind) == (custom["placement"], "activity")
