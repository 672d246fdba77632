"""Line items as Moodle serves them (moodle-as-platform.md 1.11)."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from lti_tool.demo import scopes
from lti_tool.demo.models import LineItem, Tool
from tests.fixtures.demo import CourseSite

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "/lti/services/1/lineitems?type_id=1"


def item_path(site: CourseSite) -> str:
    return f"/lti/services/1/lineitems/{site.item_id}/lineitem?type_id=1"


def listed(site: CourseSite, query: str = "") -> list[dict[str, Any]]:
    answer = site.get(f"{ITEMS}{query}", headers=site.bearer(Accept=CONTAINER))
    assert answer.status_code == 200 and answer.mimetype == CONTAINER
    items: list[dict[str, Any]] = answer.get_json(force=True)
    return items


def created(site: CourseSite, **content: Any) -> TestResponse:
    values = {"label": "Extra", "scoreMaximum": 5, **content}
    return site.post(ITEMS, json=values, headers=site.bearer(**{"Content-Type": ITEM}))


def test_an_item_is_described_with_its_link_and_review(course_site: CourseSite) -> None:
    [item] = listed(course_site)
    assert item["id"] == f"{course_site.url}{item_path(course_site)}"
    assert (item["scoreMaximum"], item["resourceId"]) == (10, "p-2")
    assert item["resourceLinkId"] == str(course_site.graded_id)
    assert item["submissionReview"]["custom"] == {"kind": "review"}


@pytest.mark.parametrize("accept", ["*/*", "application/json", f"{CONTAINER}, */*", f"{CONTAINER};q=0.9"])
def test_only_the_exact_accept_header_is_taken(course_site: CourseSite, accept: str) -> None:
    answer = course_site.get(ITEMS, headers=course_site.bearer(Accept=accept))
    assert (answer.status_code, answer.text) == (400, "[]")


@pytest.mark.parametrize(("query", "count"), [("&resource_id=p-2", 1), ("&resource_id=p-1", 0), ("&tag=x", 0)])
def test_items_can_be_filtered(course_site: CourseSite, query: str, count: int) -> None:
    assert len(listed(course_site, query)) == count


def test_items_can_be_found_by_their_resource_link(course_site: CourseSite) -> None:
    assert len(listed(course_site, f"&resource_link_id={course_site.graded_id}")) == 1
    assert len(listed(course_site, f"&resource_link_id={course_site.activity_id}")) == 0


def test_the_next_link_has_moodles_typographic_quotes(course_site: CourseSite) -> None:
    created(course_site)
    answer = course_site.get(f"{ITEMS}&limit=1", headers=course_site.bearer(Accept=CONTAINER))
    link = answer.headers["Link"].encode("latin-1").decode()
    assert "rel=\u201dnext\u201d" in link and "&amp;limit=1&amp;from=1" in link
    assert [item["label"] for item in listed(course_site, "&limit=1&from=1")] == ["Extra"]


@pytest.mark.parametrize("path", [ITEMS.replace("type_id=1", "type_id=2"), "/lti/services/1/lineitems"])
def test_a_wrong_type_id_is_refused(course_site: CourseSite, path: str) -> None:
    assert course_site.get(path, headers=course_site.bearer(Accept=CONTAINER)).status_code == 401


@pytest.mark.parametrize("authorization", ["", "Bearer guessed", "Basic guessed"])
def test_a_request_without_a_good_token_is_refused(course_site: CourseSite, authorization: str) -> None:
    headers = {"Accept": CONTAINER, "Authorization": authorization}
    assert course_site.get(ITEMS, headers=headers).status_code == 401


def test_a_token_without_the_scope_is_refused(course_site: CourseSite) -> None:
    headers = course_site.bearer(scopes.ROSTER, Accept=CONTAINER)
    assert course_site.get(ITEMS, headers=headers).status_code == 401


def test_a_token_that_only_reads_cannot_create(course_site: CourseSite) -> None:
    headers = course_site.bearer(scopes.LINE_ITEMS_READ, **{"Content-Type": ITEM})
    assert course_site.post(ITEMS, json={"label": "x", "scoreMaximum": 1}, headers=headers).status_code == 401


def test_an_item_can_be_created_on_its_own(course_site: CourseSite) -> None:
    answer = created(course_site, tag="extra")
    assert answer.status_code == 201
    assert "resourceLinkId" not in answer.get_json(force=True)
    assert len(listed(course_site, "&tag=extra")) == 1


@pytest.mark.parametrize(
    "content", [{"label": None}, {"scoreMaximum": None}, {"scoreMaximum": 0}, {"scoreMaximum": "5"}]
)
def test_an_incomplete_item_is_refused(course_site: CourseSite, content: dict[str, Any]) -> None:
    assert created(course_site, **content).status_code == 400


def test_an_item_cannot_be_tied_to_a_link_that_is_not_there(course_site: CourseSite) -> None:
    assert created(course_site, resourceLinkId="999").status_code == 403


def test_replacing_erases_what_is_not_sent(course_site: CourseSite) -> None:
    headers = course_site.bearer(**{"Content-Type": ITEM})
    content = {"label": "Renamed", "scoreMaximum": 20}
    answer = course_site.client.put(item_path(course_site), json=content, headers=headers, base_url=course_site.url)
    assert answer.status_code == 200
    [item] = listed(course_site)
    assert (item["label"], item["scoreMaximum"]) == ("Renamed", 20)
    assert "resourceLinkId" not in item and "submissionReview" not in item


def test_even_the_activitys_own_item_is_deleted(course_site: CourseSite) -> None:
    answer = course_site.client.delete(item_path(course_site), headers=course_site.bearer(), base_url=course_site.url)
    assert answer.status_code == 204
    assert listed(course_site) == []


def test_an_item_of_another_tool_is_not_found(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        other = Tool(
            client_id="other",
            name="Other",
            login_url="http://127.0.0.1:9/login",
            target_link_uri="http://127.0.0.1:9/",
            redirect_uris=[],
            keyset_url="http://127.0.0.1:9/keys",
            scopes=[],
        )
        rows.add(other)
        rows.flush()
        rows.get_one(LineItem, course_site.item_id).tool_id = other.id
    answer = course_site.get(item_path(course_site), headers=course_site.bearer(Accept=ITEM))
    assert answer.status_code == 404
