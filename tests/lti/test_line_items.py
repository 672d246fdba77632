"""Finding, reading and making the gradebook column of a resource link."""

from decimal import Decimal
from uuid import uuid4

import pytest

from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.lti.line_items import find_line_item, make_line_item, read_line_item, service_url
from tests.fakes.services import Canned, FakeServices
from tests.fixtures.services import Connect


def test_the_column_of_the_link_is_found(connect: Connect, moodle: FakeServices) -> None:
    moodle.items = [moodle.item(4, resource_link="41"), moodle.item(5, resource_link="51")]
    found = find_line_item(connect(), moodle.line_items_url, resource_link_id="51")
    assert found == moodle.line_item_url(5)
    assert moodle.received("lineitems")[0].query == {"type_id": "1", "resource_link_id": "51"}


def test_a_link_without_a_column_has_none(connect: Connect, moodle: FakeServices) -> None:
    assert find_line_item(connect(), moodle.line_items_url, resource_link_id="99") is None


def test_a_platform_that_ignores_the_filter_is_filtered_here(connect: Connect, moodle: FakeServices) -> None:
    body = f'[{{"id": "{moodle.url}/a", "resourceLinkId": "7"}}, {{"id": "{moodle.url}/b", "resourceLinkId": "8"}}]'
    moodle.answer_next("GET", "lineitems", Canned(200, body))
    assert find_line_item(connect(), moodle.line_items_url, resource_link_id="8") == f"{moodle.url}/b"


def test_of_two_columns_ours_is_the_one_with_our_placement(connect: Connect, moodle: FakeServices) -> None:
    placement = uuid4()
    moodle.items = [
        moodle.item(1, resource_link="5"),
        moodle.item(2, resource_link="5", resource_id=str(placement)),
    ]
    found = find_line_item(connect(), moodle.line_items_url, resource_link_id="5", placement_id=placement)
    assert found == moodle.line_item_url(2)


def test_two_columns_that_cannot_be_told_apart_are_nobodys(connect: Connect, moodle: FakeServices) -> None:
    moodle.items = [moodle.item(1, resource_link="5"), moodle.item(2, resource_link="5")]
    assert find_line_item(connect(), moodle.line_items_url, resource_link_id="5") is None


def test_a_column_is_read(connect: Connect, moodle: FakeServices) -> None:
    moodle.items[0]["scoreMaximum"] = 12.5
    column = read_line_item(connect(), moodle.line_item_url())
    assert (column.label, column.maximum) == (moodle.items[0]["label"], Decimal("12.5"))


@pytest.mark.parametrize("body", ["", "[]", "<html>", "7"])
def test_a_column_that_is_no_column_is_a_failure_of_the_platform(
    connect: Connect, moodle: FakeServices, body: str
) -> None:
    moodle.answer_next("GET", "lineitem", Canned(200, body))
    with pytest.raises(PlatformFailed):
        read_line_item(connect(), moodle.line_item_url())


@pytest.mark.parametrize("body", ["", "{}", "<html>"])
def test_columns_that_are_no_list_are_a_failure_of_the_platform(
    connect: Connect, moodle: FakeServices, body: str
) -> None:
    moodle.answer_next("GET", "lineitems", Canned(200, body))
    with pytest.raises(PlatformFailed):
        find_line_item(connect(), moodle.line_items_url, resource_link_id="1")


def test_a_made_column_belongs_to_its_link(connect: Connect, moodle: FakeServices) -> None:
    placement = uuid4()
    url = make_line_item(
        connect(), moodle.line_items_url, label="Essay", maximum=20, resource_link_id="5", placement_id=placement
    )
    assert url == moodle.items[-1]["id"]
    assert moodle.items[-1]["resourceLinkId"] == "5" and moodle.items[-1]["resourceId"] == str(placement)


@pytest.mark.parametrize(
    "url, expected",
    [
        ("http://m/1/lineitem?type_id=3", "http://m/1/lineitem/scores?type_id=3"),
        ("http://m/1/lineitem/", "http://m/1/lineitem/scores"),
        ("http://m/1?a=1&b=2", "http://m/1/scores?a=1&b=2"),
    ],
)
def test_scores_go_before_the_query(url: str, expected: str) -> None:
    assert service_url(url, "scores") == expected


def test_an_address_with_two_queries_is_refused() -> None:
    with pytest.raises(InvalidInput):
        service_url("http://m/1?a=1?b=2", "scores")
