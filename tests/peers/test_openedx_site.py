"""Launches from, a roster of and scores to a platform that we did not write (lti-consumer-xblock over HTTP).

It differs from Moodle where that keeps us honest: 201 with a body for a score, 400 for an old timestamp, roles as
full addresses, no `lis` claim, tokens of an hour.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import BoundLaunch, Course, Membership, Person, ResourceLink, Role
from lti_tool.accounts.roster.models import SyncStatus
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.db import now, transaction
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.clearance import Clearance
from lti_tool.lti.results import find_result
from lti_tool.lti.scores import Outcome, Score, send_score
from lti_tool.lti.services import PlatformConnector
from lti_tool.site_settings.switches import Feature
from tests.peers.conftest import OpenEdx

STAFF, SAMIR, SOFIA = 1, 2, 3


@pytest.fixture
def course_id(openedx: OpenEdx) -> int:
    """The course, known to the tool since the member of staff has opened the activity."""
    openedx.launch(STAFF)
    with transaction(openedx.tool.runtime.engine) as session:
        return session.scalars(select(Course.id)).one()


def connector(openedx: OpenEdx, course_id: int, feature: Feature) -> PlatformConnector:
    runtime = openedx.tool.runtime
    with transaction(runtime.engine) as session:
        access = PlatformAccess.of(session.get_one(Course, course_id).deployment.registration)
    return PlatformConnector(
        Clearance(engine=runtime.engine, secrets=runtime.secrets, access=access, feature=feature, course_id=course_id)
    )


def line_item_url(openedx: OpenEdx) -> str:
    with transaction(openedx.tool.runtime.engine) as session:
        return session.scalars(select(ResourceLink.line_item_url)).one() or ""


def score(**changes: object) -> Score:
    good = Score(
        user_id="person-2",
        points=Decimal(7),
        maximum=Decimal(10),
        comment="Good.",
        timestamp=now().replace(microsecond=0),
    )
    return replace(good, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "role"), [(STAFF, Role.TEACHER), (SAMIR, Role.STUDENT)])
def test_a_launch_of_open_edx_is_bound_with_its_role(openedx: OpenEdx, number: int, role: Role) -> None:
    page = openedx.launch(number)
    assert page.status == 200 and page.url.startswith(f"{openedx.tool.url}/l/")
    with transaction(openedx.tool.runtime.engine) as session:
        assert session.scalars(select(BoundLaunch.role)).one() == role
        assert session.scalars(select(Person.sub)).one() == f"person-{number}"


def test_the_roster_of_open_edx_is_read(openedx: OpenEdx, course_id: int) -> None:
    runtime = openedx.tool.runtime
    assert sync_roster(runtime.engine, runtime.secrets, course_id) is SyncStatus.SUCCEEDED
    with transaction(runtime.engine) as session:
        found = session.execute(select(Person.sub, Membership.roster_role).join(Membership)).all()
    assert {tuple(row) for row in found} == {
        ("person-1", Role.TEACHER),
        ("person-2", Role.STUDENT),
        ("person-3", Role.STUDENT),
    }


def test_a_score_arrives_and_can_be_read_back(openedx: OpenEdx, course_id: int) -> None:
    calls = connector(openedx, course_id, Feature.GRADE_PUSH)
    url = line_item_url(openedx)
    answer = send_score(calls, url, score())
    assert answer.outcome is Outcome.ACCEPTED, "201 with a body is a success here"
    result = find_result(calls, url, "person-2")
    assert result is not None and result.agrees_with(Decimal(7), Decimal(10))


def test_a_newer_score_replaces_the_older(openedx: OpenEdx, course_id: int) -> None:
    calls = connector(openedx, course_id, Feature.GRADE_PUSH)
    url, first = line_item_url(openedx), score()
    send_score(calls, url, first)
    later = score(points=Decimal(9), timestamp=first.timestamp + timedelta(seconds=1))
    assert send_score(calls, url, later).outcome is Outcome.ACCEPTED
    result = find_result(calls, url, "person-2")
    assert result is not None and result.agrees_with(Decimal(9), Decimal(10))


def test_an_old_timestamp_is_refused_with_400_and_changes_nothing(openedx: OpenEdx, course_id: int) -> None:
    calls = connector(openedx, course_id, Feature.GRADE_PUSH)
    url, first = line_item_url(openedx), score()
    send_score(calls, url, first)
    answer = send_score(calls, url, score(points=Decimal(1), timestamp=first.timestamp - timedelta(seconds=5)))
    assert answer.outcome is not Outcome.ACCEPTED and answer.code == 400
    result = find_result(calls, url, "person-2")
    assert result is not None and result.agrees_with(Decimal(7), Decimal(10))


def test_what_the_picker_places_is_stored_by_open_edx(openedx: OpenEdx) -> None:
    page = openedx.launch(STAFF, deep_linking=True)
    answer = openedx.visitor.send(page, page.find_form("/lti/deep-link"), {"kind": ["tutor"]})
    assert answer.status == 200, answer.text
    [item] = openedx.stored_items()
    assert item["type"] == "ltiResourceLink" and item["url"].startswith(openedx.tool.url)
    assert set(item["custom"]) == {"placement"}


def test_a_student_gets_no_picker_from_open_edx(openedx: OpenEdx) -> None:
    page = openedx.visitor.open(f"{openedx.url}/start/{SAMIR}?deep_linking=1")
    assert page.status == 403
