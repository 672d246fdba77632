"""The picker's form: what is wrong is shown, what is right is placed, and nobody else may post it."""

from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import Placement
from tests.certification.test_deep_linking import CHOICE, answer_form, form_of, open_picker, submit, token_of
from tests.fakes.platform import DL
from tests.fixtures.launches import ORIGIN, Visitor
from tests.fixtures.markup import checked_page


def count(visitor: Visitor) -> int:
    return visitor.house.session.scalar(select(func.count()).select_from(Placement)) or 0


def test_a_rubric_is_kept_with_the_placement(visitor: Visitor) -> None:
    answer_form(visitor)
    placement = visitor.house.session.scalars(select(Placement).where(Placement.title == "Essay on roots")).one()
    assert placement.options == {"rubric": [{"title": "Clarity", "points": 4}, {"title": "Evidence", "points": 6}]}
    assert placement.created_by_id == visitor.house.teacher.id


def test_a_placement_made_is_in_the_audit(visitor: Visitor) -> None:
    answer_form(visitor)
    actions = visitor.house.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("placement.created") == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": []}, None),
        ({"activity-title": " "}, "activity-title"),
        ({"activity-points": "12.5"}, "activity-points"),
        ({"activity-points": "101"}, "activity-points"),
        ({"activity-due": "tomorrow"}, "activity-due"),
        ({"activity-rubric": "Clarity"}, "activity-rubric"),
        ({"activity-rubric": "Clarity: 4"}, "activity-rubric"),
    ],
)
def test_what_is_wrong_is_shown_and_nothing_placed(visitor: Visitor, change: dict[str, Any], field: str | None) -> None:
    before = count(visitor)
    response = submit(visitor, open_picker(visitor), CHOICE | change)
    page = checked_page(response.text)
    assert response.status_code == 422 and page.find(role="alert") and count(visitor) == before
    assert field is None or page.find(id=field)["aria-describedby"].endswith(f"{field}-error")


def test_what_was_typed_is_still_there_after_an_error(visitor: Visitor) -> None:
    page = checked_page(submit(visitor, open_picker(visitor), CHOICE | {"activity-points": "x"}).text)
    assert page.find(id="activity-title")["value"] == "Essay on roots"
    assert page.find(id="kind-activity").has_attr("checked") and not page.find(id="kind-exam").has_attr("checked")


def test_a_platform_that_takes_one_item_offers_one(visitor: Visitor) -> None:
    page = open_picker(visitor, accept_multiple="false")
    assert {box["type"] for box in page.find_all("input", attrs={"name": "kind"})} == {"radio"}
    assert submit(visitor, page, CHOICE).status_code == 422


def test_a_platform_without_line_items_gets_none(visitor: Visitor) -> None:
    items = jwt.decode(token_of(answer_form(visitor, accept_lineitem=False)), options={"verify_signature": False})
    assert not any("lineItem" in item for item in items[f"{DL}content_items"])


def test_cancelling_closes_the_dialogue_and_places_nothing(visitor: Visitor) -> None:
    before = count(visitor)
    token = token_of(answer_form(visitor, CHOICE | {"cancel": "yes"}))
    assert jwt.decode(token, options={"verify_signature": False})[f"{DL}content_items"] == []
    assert count(visitor) == before


@pytest.mark.parametrize(
    ("headers", "change"),
    [({"Origin": "http://evil.test"}, {}), ({}, {}), ({"Origin": ORIGIN}, {"csrf_token": "wrong"})],
)
def test_a_form_from_elsewhere_is_refused(visitor: Visitor, headers: dict[str, str], change: dict[str, str]) -> None:
    form = form_of(open_picker(visitor)) | CHOICE | change
    response = visitor.client.post("/lti/deep-link", data=form, base_url=ORIGIN, headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize("launch_id", ["", "no-id", "00000000-0000-0000-0000-000000000000"])
def test_a_form_of_no_launch_is_refused(visitor: Visitor, launch_id: str) -> None:
    form = form_of(open_picker(visitor)) | CHOICE | {"launch_id": launch_id}
    response = visitor.client.post("/lti/deep-link", data=form, base_url=ORIGIN, headers={"Origin": ORIGIN})
    assert response.status_code == 404


def test_another_browser_cannot_post_the_form(visitor: Visitor, other_visitor: Visitor) -> None:
    form = form_of(open_picker(visitor)) | CHOICE
    other_visitor.login()
    response = other_visitor.client.post("/lti/deep-link", data=form, base_url=ORIGIN, headers={"Origin": ORIGIN})
    assert response.status_code == 404


def test_an_ordinary_launch_has_no_picker(visitor: Visitor) -> None:
    visitor.launch("teacher")
    launch_id = visitor.viewer(visitor.launch("teacher")).launch_id
    assert visitor.client.get(f"/l/{launch_id}/launch/picker", base_url=ORIGIN).status_code == 404
