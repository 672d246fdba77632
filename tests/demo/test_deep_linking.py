"""What comes back from a picker is read strictly, and taken whole or not at all (moodle-as-platform.md 1.9)."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.demo.test_launches import DEEP_LINKING, launched
from tests.fakes.tool import DL, LTI
from tests.fixtures.demo import CourseSite
from tests.fixtures.markup import checked_page


def link(**changes: Any) -> dict[str, Any]:
    return {"type": "ltiResourceLink", "title": "Added", "custom": {"placement": "p-9"}, **changes}


def graded(**changes: Any) -> dict[str, Any]:
    return link(lineItem={"scoreMaximum": 20, "resourceId": "p-9", "tag": "task", **changes})


def return_path(site: CourseSite) -> str:
    settings = launched(site, "teresa", "/course/1/add/1/launch")[DEEP_LINKING]
    return str(settings["deep_link_return_url"]).removeprefix(site.url)


def returned(site: CourseSite, items: list[Any], *, kid: str = "kid-1", key: int = 1, **changes: Any) -> TestResponse:
    token = site.tool.sign(site.tool.response(site.url, items, **changes), kid=kid, key=key)
    return site.post(return_path(site), data={"JWT": token})


def course_text(site: CourseSite) -> str:
    return checked_page(site.get("/course/1").text).get_text()


def test_a_good_response_adds_its_activities(course_site: CourseSite) -> None:
    answer = returned(course_site, [link(), graded()])
    assert answer.status_code == 200
    assert "2 activities were added" in checked_page(answer.text).get_text()
    assert course_text(course_site).count("Added") >= 2


def test_a_line_item_keeps_what_the_tool_sent(course_site: CourseSite) -> None:
    review = {"url": f"{course_site.tool.url}/review", "custom": {"kind": "r"}}
    assert returned(course_site, [graded(submissionReview=review)]).status_code == 200
    headers = course_site.bearer(Accept="application/vnd.ims.lis.v2.lineitemcontainer+json")
    items = course_site.get("/lti/services/1/lineitems?type_id=1&tag=task", headers=headers).get_json(force=True)
    assert [(item["scoreMaximum"], item["resourceId"]) for item in items] == [(20, "p-9")]
    assert items[0]["submissionReview"] == review


def test_an_added_activity_opens_with_its_parameters(course_site: CourseSite) -> None:
    returned(course_site, [link()])
    claims = launched(course_site, "amira", f"/activity/{course_site.graded_id + 1}/launch")
    assert claims[f"{LTI}custom"]["placement"] == "p-9"


def test_no_items_add_nothing(course_site: CourseSite) -> None:
    assert "0 activities" in returned(course_site, []).text


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another-client"},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"nonce": None},
        {"iat": None},
        {"exp": None},
        {"exp": 1},
        {"iat": 99_999_999_999},
        {f"{LTI}deployment_id": "2"},
        {f"{LTI}deployment_id": None},
        {f"{LTI}message_type": "LtiResourceLinkRequest"},
        {f"{LTI}version": "2.0"},
        {f"{DL}data": "never sent"},
        {f"{DL}content_items": "none"},
    ],
)
def test_a_response_with_wrong_claims_is_refused(course_site: CourseSite, changes: dict[str, Any]) -> None:
    assert returned(course_site, [link()], **changes).status_code == 400
    assert "Added" not in course_text(course_site)


@pytest.mark.parametrize(("kid", "key"), [("kid-1", 2), ("unheard-of", 1)])
def test_a_response_signed_by_another_key_is_refused(course_site: CourseSite, kid: str, key: int) -> None:
    assert returned(course_site, [link()], kid=kid, key=key).status_code == 400


def test_a_response_works_once(course_site: CourseSite) -> None:
    assert returned(course_site, [link()], nonce="n-1").status_code == 200
    assert returned(course_site, [link()], nonce="n-1").status_code == 400


@pytest.mark.parametrize("maximum", [0, 101, 12.5, "20", True, None])
def test_the_maximum_score_is_a_whole_number_from_1_to_100(course_site: CourseSite, maximum: Any) -> None:
    assert returned(course_site, [link(), graded(scoreMaximum=maximum)]).status_code == 400
    assert "Added" not in course_text(course_site), "one bad item must not let the others in"


@pytest.mark.parametrize(
    "item",
    [
        link(custom={"placement": {"nested": "x"}}),
        link(custom={"placement": "p-9\nrole=teacher"}),
        link(custom={"placement": 9}),
        link(custom="placement=p-9"),
        link(url="javascript:alert(1)"),
        link(title=7),
        link(lineItem="20"),
        graded(submissionReview={"custom": {"a": ["b"]}}),
        graded(submissionReview="yes"),
        {"type": "link", "url": "https://example.org"},
        {"type": "html", "html": "<p>x</p>"},
        "ltiResourceLink",
    ],
)
def test_items_that_harm_a_moodle_are_refused(course_site: CourseSite, item: Any) -> None:
    assert returned(course_site, [item]).status_code == 400


def test_a_return_without_the_session_key_is_refused(course_site: CourseSite) -> None:
    path = return_path(course_site).partition("&sesskey=")[0]
    token = course_site.tool.sign(course_site.tool.response(course_site.url, [link()]))
    assert course_site.post(path, data={"JWT": token}).status_code == 403


def test_a_return_into_a_course_of_others_is_refused(course_site: CourseSite) -> None:
    path = return_path(course_site).replace("course=1", "course=2")
    token = course_site.tool.sign(course_site.tool.response(course_site.url, [link()]))
    assert course_site.post(path, data={"JWT": token}).status_code == 403
