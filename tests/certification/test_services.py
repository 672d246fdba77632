"""Certification guide 6.3 and 6.4, and services under Moodle's quirks: N1-N5, A1-A3, Q1-Q18 of lti-acceptance.md.

Q11 and Q12 are refusals of the response builder: tests/lti/test_deep_linking.py.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.models import Membership, Placement, PlacementKind, ResourceLink, Role
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.db import now
from lti_tool.errors import PlatformFailed
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.push import send
from lti_tool.gradebook.readback import read_back_due
from lti_tool.gradebook.settlement import settle
from lti_tool.lti.access_tokens import PlatformAccess, access_token
from lti_tool.lti.line_items import GRADING, find_line_item, make_line_item, read_line_item
from lti_tool.lti.memberships import SCOPE, members
from lti_tool.lti.results import find_result
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature
from tests.fakes.platform import ABSENT, AGS, NRPS
from tests.fakes.services import ITEM, ITEMS, MEMBERS, RESULTS, SCORE, Canned, FakeServices, Held
from tests.fixtures.launches import Visitor
from tests.fixtures.people import House
from tests.fixtures.services import Connect, viewer_of

ACTIVITY = PlacementKind.ACTIVITY
Deliver = Callable[[], Push]


@pytest.fixture
def user(house: House) -> str:
    return house.student.sub


@pytest.fixture
def approved(connected: House) -> Callable[..., None]:
    """approved("7.5", "Good"): the student's grade, approved by the teacher."""

    def approve_one(points: str = "7.5", comment: str = "Good") -> None:
        teacher = viewer_of(connected, "teacher")
        grade = record_grade(
            connected.session,
            teacher,
            placement_id=connected.placements[ACTIVITY].id,
            person_id=connected.student.id,
            points=Decimal(points),
            comment=comment,
        )
        approve(connected.session, teacher, grade)

    return approve_one


@pytest.fixture
def deliver(connected: House, connect: Connect) -> Deliver:
    """Send what waits, once."""

    def delivered() -> Push:
        session = connected.session
        session.execute(update(Push).where(Push.status == PushStatus.TODO).values(next_try_at=now()))
        for delivery in claim(session, 5):
            settle(session, [(delivery, send(connect(), delivery))])
        session.flush()
        session.expire_all()
        return session.scalars(select(Push)).one()

    return delivered


def sync(house: House, runtime: Runtime) -> None:
    house.session.flush()
    sync_roster(runtime.engine, runtime.secrets, house.course.id)
    house.session.expire_all()


def membership(house: House, name: str) -> Membership:
    return house.session.scalars(
        select(Membership).where(Membership.course_id == house.course.id, Membership.person_id == house.people[name].id)
    ).one()


def whole_roster(house: House, **values: Any) -> list[dict[str, Any]]:
    return [
        {"user_id": person.sub, "status": "Active", "roles": ["Learner"]} | values
        for name, person in house.people.items()
        if name != "outsider"
    ]


def services(moodle: FakeServices) -> dict[str, Any]:
    """The claims of a launch whose services are at the fake."""
    return {
        NRPS: {"context_memberships_url": moodle.memberships_url, "service_versions": ["2.0"]},
        AGS: {"scope": GRADING, "lineitems": moodle.line_items_url, "lineitem": moodle.line_item_url()},
    }


def test_n1_an_instructor_launch_brings_the_address_of_the_roster(
    visitor: Visitor, connected: House, moodle: FakeServices
) -> None:
    connected.course.memberships_url = None
    connected.session.flush()
    visitor.launch("teacher", **services(moodle))
    assert connected.course.memberships_url == moodle.memberships_url


def test_n2_the_roster_is_asked_for(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members = whole_roster(connected)
    sync(connected, runtime)
    assert [(one.method, one.path) for one in moodle.received("memberships")] == [
        ("GET", "/mod/lti/services.php/CourseSection/2/bindings/1/memberships")
    ]


def test_n3_the_accept_header_is_the_membership_container(
    connected: House, runtime: Runtime, moodle: FakeServices
) -> None:
    sync(connected, runtime)
    assert moodle.received("memberships")[0].headers["accept"] == MEMBERS


def test_n4_the_request_bears_the_token(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    sync(connected, runtime)
    assert moodle.received("memberships")[0].headers["authorization"] == "Bearer token-1"


def test_n5_the_token_was_asked_for_with_the_scope_of_the_roster(
    connected: House, runtime: Runtime, moodle: FakeServices
) -> None:
    sync(connected, runtime)
    assert f"scope={SCOPE.replace(':', '%3A').replace('/', '%2F')}" in moodle.received("token")[0].body


def test_a1_a_launch_brings_the_addresses_of_the_gradebook(
    visitor: Visitor, connected: House, moodle: FakeServices
) -> None:
    visitor.launch("teacher", **services(moodle))
    link = connected.session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "70")).one()
    assert link.line_item_url == moodle.line_item_url()
    assert connected.course.line_items_url == moodle.line_items_url


def test_a2_the_tool_makes_a_line_item(connect: Connect, moodle: FakeServices) -> None:
    url = make_line_item(
        connect(), moodle.line_items_url, label="Essay", maximum=20, resource_link_id="5", placement_id=uuid4()
    )
    assert read_line_item(connect(), url).label == "Essay"
    assert moodle.received("lineitems", "POST")[0].headers["content-type"] == ITEM


def test_a3_the_tool_posts_a_score_by_itself(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices, user: str
) -> None:
    approved("7.5", "Good")
    assert deliver().status == PushStatus.SUCCEEDED
    assert moodle.held[user].score == 7.5


def test_q1_the_type_id_is_kept_and_scores_stand_before_it(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices
) -> None:
    approved()
    deliver()
    sent = moodle.received("scores")[0]
    assert sent.path.endswith("/2/lineitems/1/lineitem/scores") and sent.query == {"type_id": "1"}


def test_q2_each_accept_header_is_exact(connect: Connect, moodle: FakeServices, user: str) -> None:
    read_line_item(connect(), moodle.line_item_url())
    find_line_item(connect(), moodle.line_items_url, resource_link_id="1")
    find_result(connect(), moodle.line_item_url(), user)
    accepts = {one.name: one.headers["accept"] for one in moodle.requests if one.name != "token"}
    assert accepts == {"lineitem": ITEM, "lineitems": ITEMS, "results": RESULTS}


def test_q2_the_content_type_of_a_score_is_exact(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices
) -> None:
    approved()
    deliver()
    assert moodle.received("scores")[0].headers["content-type"] == SCORE


def test_q3_a_link_with_curly_quotes_and_entities_is_followed_case_and_all(
    connect: Connect, moodle: FakeServices
) -> None:
    moodle.items = [moodle.item(number, resource_link="x") for number in range(3)]
    moodle.items[2]["resourceLinkId"] = "wanted"
    moodle.page_size = 1
    connector = connect()
    first = connector.make_service_request(GRADING, moodle.line_items_url, accept=ITEMS)
    second = connector.make_service_request(GRADING, str(first["next_page_url"]), accept=ITEMS)
    assert moodle.received("lineitems")[1].query == {"type_id": "1", "Case": "Kept", "from": "1"}
    assert second["next_page_url"]


def test_q4_success_with_a_body_is_a_failure_and_an_alarm(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    moodle.answer_next("POST", "scores", Canned(200, "[]"))
    approved()
    push = deliver()
    assert (push.status, push.reason) == (PushStatus.FAILED, "ignored")
    assert "grade_push" in [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_q5_a_second_grade_within_a_second_gets_a_later_time(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices, user: str
) -> None:
    approved("7")
    deliver()
    moodle.held[user] = replace_time(moodle.held[user])
    approved("8")
    deliver()
    assert deliver().status == PushStatus.SUCCEEDED and moodle.held[user].score == 8


def replace_time(held: Held) -> Held:
    """As if the platform had taken a grade of somebody else a moment later."""
    return replace(held, score=1, timestamp=now().replace(microsecond=0, second=59))


def test_q6_a_person_who_cannot_be_graded_is_a_lasting_failure(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices, user: str
) -> None:
    moodle.ungradable = {user}
    approved()
    push = deliver()
    assert (push.status, push.reason, push.last_code) == (PushStatus.FAILED, "not_gradable", 400)
    assert deliver().attempts == 1


def test_q7_a_locked_grade_is_tried_three_times(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices, user: str
) -> None:
    moodle.locked = {user}
    approved()
    assert [deliver().status for _ in range(3)] == [PushStatus.TODO, PushStatus.TODO, PushStatus.FAILED]
    assert deliver().reason == "locked" and len(moodle.received("scores")) == 3


def test_q8_an_overridden_grade_is_noticed_by_reading_back(
    approved: Callable[..., None],
    deliver: Deliver,
    moodle: FakeServices,
    user: str,
    runtime: Runtime,
    connected: House,
) -> None:
    moodle.overridden = {user: 3}
    approved("7.5")
    assert deliver().status == PushStatus.SUCCEEDED
    read_back_due(runtime)
    connected.session.expire_all()
    push = connected.session.scalars(select(Push)).one()
    assert (push.status, push.result_score) == (PushStatus.OVERRIDDEN, 3)
    assert moodle.received("results")[-1].query == {"type_id": "1", "user_id": user}


@pytest.mark.parametrize(
    "body",
    ['{"error" : ""kid" invalid, unable to lookup correct key"}', "<html>", '{"error": "CANARY raw text"}', ""],
)
def test_q9_a_token_error_that_is_no_json_is_understood(
    runtime: Runtime, connected: House, moodle: FakeServices, body: str
) -> None:
    moodle.answer_next("POST", "token", Canned(400, body, content_type="text/html"))
    with pytest.raises(PlatformFailed) as failure:
        access_token(runtime.engine, runtime.secrets, PlatformAccess.of(connected.registration), GRADING)
    assert failure.value.code == "token_refused"
    assert failure.value.details == {"status": 400, "error": "unknown"}


def test_q9_a_token_as_text_html_is_a_token(runtime: Runtime, connected: House) -> None:
    assert access_token(runtime.engine, runtime.secrets, PlatformAccess.of(connected.registration), GRADING)


@pytest.mark.parametrize("claimed", [ABSENT, "", None])
def test_q10_a_launch_without_a_line_item_finds_it_later(
    visitor: Visitor, connected: House, connect: Connect, moodle: FakeServices, claimed: Any
) -> None:
    ags = {"scope": GRADING, "lineitems": moodle.line_items_url}
    visitor.launch("teacher", **{AGS: ags if claimed is ABSENT else ags | {"lineitem": claimed}})
    link = connected.session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "70")).one()
    assert not link.line_item_url
    moodle.items.append(moodle.item(5, resource_link="70"))
    assert find_line_item(connect(), moodle.line_items_url, resource_link_id="70") == moodle.line_item_url(5)


def test_q13_the_roster_is_read_without_role_or_limit_on_every_page(
    connect: Connect, connected: House, moodle: FakeServices
) -> None:
    moodle.members, moodle.page_size = whole_roster(connected), 2
    found = list(members(connect(Feature.ROSTER_SYNC), moodle.memberships_url))
    assert len(found) == len(moodle.members)
    assert all("role" not in one.query for one in moodle.received("memberships"))
    assert moodle.received("memberships")[0].query == {}


def test_q14_an_assistant_whom_the_roster_calls_learner_keeps_staff_rights(
    visitor: Visitor, connected: House, runtime: Runtime, moodle: FakeServices
) -> None:
    moodle.members = whole_roster(connected)
    sync(connected, runtime)
    assert membership(connected, "non_editing_teacher").roster_role == Role.STUDENT
    viewer = visitor.viewer(visitor.launch("non_editing_teacher", **services(moodle)))
    assert viewer.role is Role.NON_EDITING_TEACHER
    sync(connected, runtime)
    assert membership(connected, "non_editing_teacher").launch_role == Role.NON_EDITING_TEACHER


def test_q15_a_grade_does_not_reach_the_column_of_a_copied_course(
    approved: Callable[..., None], deliver: Deliver, connected: House, moodle: FakeServices
) -> None:
    original = connected.placements[ACTIVITY]
    copy = Placement(
        course_id=connected.other_course.id, kind=ACTIVITY, title="Copy", points=10, copied_from_id=original.id
    )
    connected.session.add(copy)
    connected.session.flush()
    moodle.items.append(moodle.item(2, resource_link="copied"))
    connected.session.add(
        ResourceLink(
            course_id=connected.other_course.id,
            resource_link_id="copied",
            placement_id=copy.id,
            line_item_url=moodle.line_item_url(2),
        )
    )
    approved()
    deliver()
    assert [one.path.split("/")[-3] for one in moodle.received("scores")] == ["1"]


@pytest.mark.parametrize("value", ["$ResourceLink.id.history", "$Foo.bar"])
def test_q16_an_unresolved_variable_is_no_placement(visitor: Visitor, value: str) -> None:
    custom = {"https://purl.imsglobal.org/spec/lti/claim/custom": {"placement": value, "context_history": value}}
    assert visitor.viewer(visitor.launch("teacher", **custom)).placement_id is None


def test_q17_a_person_without_name_and_mail_is_graded_all_the_same(
    visitor: Visitor,
    approved: Callable[..., None],
    deliver: Deliver,
    connected: House,
    moodle: FakeServices,
    user: str,
) -> None:
    student = connected.student
    student.name = student.given_name = student.family_name = student.email = ""
    connected.session.flush()
    nobody = {"name": ABSENT, "given_name": ABSENT, "family_name": ABSENT, "email": ABSENT}
    assert visitor.launch("student", **nobody).status_code == 303
    approved()
    assert deliver().status == PushStatus.SUCCEEDED and user in moodle.held
    assert student.display_name == f"Person {student.id}"


def test_q18_a_first_deep_linking_without_a_roster_waits_for_the_next_launch(
    visitor: Visitor, connected: House, runtime: Runtime, moodle: FakeServices
) -> None:
    connected.course.memberships_url = None
    connected.session.flush()
    visitor.launch("teacher", **visitor.platform.deep_linking(), **{NRPS: ABSENT})
    sync(connected, runtime)
    assert not moodle.requests
    visitor.launch("teacher", **services(moodle))
    sync(connected, runtime)
    assert moodle.received("memberships")


def test_the_score_says_what_moodle_must_not_miss(
    approved: Callable[..., None], deliver: Deliver, moodle: FakeServices
) -> None:
    approved("7", "")
    deliver()
    body = moodle.received("scores")[0].body
    assert "\n" not in body and ": " not in body
    assert json.loads(body)["gradingProgress"] == "FullyGraded" and json.loads(body)["comment"] == ""
