"""The response builder refuses what Moodle loses or dies of (Q11, Q12)."""

from typing import Any

import jwt
import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.lti.claims import DeepLinkingSettings
from lti_tool.lti.deep_linking import ContentItem, respond
from lti_tool.lti.keys import SigningKey, active_key
from lti_tool.secrets import Secrets
from tests.fakes.platform import DL
from tests.fixtures.people import House


@pytest.fixture
def key(session: Session, secrets: Secrets) -> SigningKey:
    return active_key(session, secrets)


def answer(house: House, key: SigningKey, *items: ContentItem, **settings: Any) -> dict[str, Any]:
    accepted = {"return_url": "https://p.test/r", "accepts_multiple": True, "accepts_line_items": True, "data": None}
    response = respond(
        house.registration,
        deployment_id="1",
        settings=DeepLinkingSettings(**(accepted | settings)),
        key=key,
        items=items,
    )
    return dict(jwt.decode(response.jwt, options={"verify_signature": False}))


def item(**changes: Any) -> ContentItem:
    return ContentItem(**({"title": "Essay", "url": "https://tool.test/lti/launch"} | changes))


@pytest.mark.parametrize("points", [12.5, 0, 101, -1, True, "10", 10.0])
def test_q11_points_that_moodle_loses_are_refused(house: House, key: SigningKey, points: Any) -> None:
    with pytest.raises(InvalidInput, match="points_refused"):
        answer(house, key, item(points=points))


@pytest.mark.parametrize("value", ["a\nb=c", "a\r", {"nested": "x"}, ["x"], 5, None, True])
def test_q12_custom_values_that_are_no_line_are_refused(house: House, key: SigningKey, value: Any) -> None:
    with pytest.raises(InvalidInput, match="item_refused"):
        answer(house, key, item(custom={"placement": value}))


def test_a_title_is_one_line(house: House, key: SigningKey) -> None:
    with pytest.raises(InvalidInput, match="item_refused"):
        answer(house, key, item(title="a\nb"))


def test_one_item_where_the_platform_takes_one(house: House, key: SigningKey) -> None:
    with pytest.raises(InvalidInput, match="one_item_only"):
        answer(house, key, item(), item(), accepts_multiple=False)


def test_two_responses_have_two_nonces(house: House, key: SigningKey) -> None:
    assert answer(house, key, item())["nonce"] != answer(house, key, item())["nonce"]


def test_no_items_close_the_dialogue(house: House, key: SigningKey) -> None:
    assert answer(house, key)[f"{DL}content_items"] == []
