"""The roster, page by page: everybody who is active, or a failure, never a part of it."""

import pytest

from lti_tool.errors import PlatformFailed
from lti_tool.lti.memberships import Member, members
from lti_tool.site_settings.switches import Feature
from tests.fakes.services import MEMBERS, Canned, FakeServices
from tests.fixtures.services import Connect


def person(number: int, **values: object) -> dict[str, object]:
    return {"user_id": str(number), "roles": ["Learner"], "status": "Active"} | values


def read(connect: Connect, moodle: FakeServices) -> list[Member]:
    return list(members(connect(Feature.ROSTER_SYNC), moodle.memberships_url))


def test_a_member_is_read_as_it_is_shared(connect: Connect, moodle: FakeServices) -> None:
    moodle.members = [person(7, name="Ada Canary", email="ada@canary.example", lis_person_sourcedid="007")]
    assert read(connect, moodle) == [
        Member(user_id="7", roles=("Learner",), name="Ada Canary", email="ada@canary.example", idnumber="007")
    ]


def test_all_pages_are_read(connect: Connect, moodle: FakeServices) -> None:
    moodle.members, moodle.page_size = [person(number) for number in range(7)], 3
    assert [member.user_id for member in read(connect, moodle)] == [str(number) for number in range(7)]
    assert len(moodle.received("memberships")) == 3


def test_who_is_not_active_is_not_there(connect: Connect, moodle: FakeServices) -> None:
    moodle.members = [person(1), person(2, status="Inactive"), person(3, status="Deleted")]
    assert [member.user_id for member in read(connect, moodle)] == ["1"]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"members": null}', "<html>"])
def test_an_answer_without_members_is_a_failure_not_an_empty_course(
    connect: Connect, moodle: FakeServices, body: str
) -> None:
    moodle.answer_next("GET", "memberships", Canned(200, body, content_type=MEMBERS))
    with pytest.raises(PlatformFailed):
        read(connect, moodle)


def test_a_page_that_names_itself_as_the_next_ends_in_a_failure(connect: Connect, moodle: FakeServices) -> None:
    link = {"Link": f'<{moodle.memberships_url}>; rel="next"'}
    moodle.answer_next("GET", "memberships", Canned(200, '{"members": []}', link))
    with pytest.raises(PlatformFailed, match="roster_endless"):
        read(connect, moodle)


def test_a_failure_on_the_second_page_fails_the_whole(connect: Connect, moodle: FakeServices) -> None:
    moodle.members, moodle.page_size = [person(number) for number in range(4)], 2
    reading = members(connect(Feature.ROSTER_SYNC), moodle.memberships_url)
    next(reading)
    moodle.answer_next("GET", "memberships", Canned(503))
    with pytest.raises(PlatformFailed):
        list(reading)


@pytest.mark.parametrize("entry", [5, {}, {"user_id": ""}, {"user_id": "1", "roles": "Learner", "name": 5}])
def test_odd_entries_do_no_harm(connect: Connect, moodle: FakeServices, entry: object) -> None:
    moodle.members = [entry]  # type: ignore[list-item]  # what a platform should not send
    assert all(member.roles == () and member.name == "" for member in read(connect, moodle))
