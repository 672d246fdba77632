"""The connector: exact headers, one new token after a 401, the whole Link, and the switch where the call goes out."""

import pytest

from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.lti.line_items import GRADING
from lti_tool.lti.services import ServiceRefused
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.services import ITEM, Canned, FakeServices
from tests.fixtures.people import House
from tests.fixtures.services import Connect


def test_the_headers_are_exactly_those_asked_for(connect: Connect, moodle: FakeServices) -> None:
    connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    headers = moodle.received("lineitem")[0].headers
    assert headers["accept"] == ITEM and headers["user-agent"].startswith("Lectern/")
    assert headers["authorization"] == "Bearer token-1"


def test_a_refused_token_is_replaced_once(connect: Connect, moodle: FakeServices) -> None:
    connector = connect()
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    moodle.tokens.clear()
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert len(moodle.received("token")) == 2


def test_a_platform_that_always_refuses_is_not_asked_forever(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("GET", "lineitem", *[Canned(401)] * 5)
    with pytest.raises(ServiceRefused) as refused:
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert refused.value.status_code == 401 and len(moodle.received("lineitem")) == 2


@pytest.mark.parametrize("off", ["kill switch", "feature", "course"])
def test_no_call_goes_out_while_pushing_is_off(
    connect: Connect, connected: House, moodle: FakeServices, off: str
) -> None:
    setting = ENABLED if off == "kill switch" else SWITCHES[Feature.GRADE_PUSH]
    write(connected.session, setting, False, course_id=connected.course.id if off == "course" else None)
    with pytest.raises(NotAllowed, match="feature_off"):
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert not moodle.requests


def test_switching_off_stops_an_open_connector(connect: Connect, connected: House, moodle: FakeServices) -> None:
    connector = connect()
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    write(connected.session, ENABLED, False)
    with pytest.raises(NotAllowed, match="feature_off"):
        connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert len(moodle.received("lineitem")) == 1


def test_calls_in_a_row_may_share_one_look(connect: Connect, connected: House, moodle: FakeServices) -> None:
    connector = connect(checked_for=3600)
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    connected.registration.status = "disabled"
    connected.session.flush()
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert len(moodle.received("lineitem")) == 2


def test_a_shared_look_does_not_keep_a_refused_token(connect: Connect, moodle: FakeServices) -> None:
    connector = connect(checked_for=3600)
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    moodle.tokens = {"of another time"}
    connector.make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert [one.headers["authorization"] for one in moodle.received("lineitem")][-1] == "Bearer token-2"


def test_a_disabled_registration_is_not_called(connect: Connect, connected: House, moodle: FakeServices) -> None:
    connected.registration.status = "disabled"
    connected.session.flush()
    with pytest.raises(NotAllowed, match="registration_disabled"):
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert not moodle.requests


@pytest.mark.parametrize("value, seconds", [("7", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None)])
def test_retry_after_is_read_in_either_form(
    connect: Connect, moodle: FakeServices, value: str, seconds: float | None
) -> None:
    moodle.answer_next("GET", "lineitem", Canned(503, headers={"Retry-After": value}))
    with pytest.raises(ServiceRefused) as refused:
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert refused.value.retry_after == seconds


def test_a_redirect_does_not_take_the_token_along(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("GET", "lineitem", Canned(302, headers={"Location": f"{moodle.url}/elsewhere"}))
    with pytest.raises(ServiceRefused):
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
    assert not moodle.received("elsewhere")


def test_a_next_page_on_another_host_is_refused(connect: Connect, moodle: FakeServices) -> None:
    link = '<http://evil.test/next>; rel="next"'
    moodle.answer_next("GET", "lineitem", Canned(200, "[]", {"Link": link}))
    with pytest.raises(PlatformFailed, match="next_page_elsewhere"):
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)


def test_an_answer_that_is_too_large_is_cut(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("GET", "lineitem", Canned(200, "x" * 3_000_000))
    with pytest.raises(PlatformFailed, match="answer_too_large"):
        connect().make_service_request(GRADING, moodle.line_item_url(), accept=ITEM)
