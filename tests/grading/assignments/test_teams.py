"""One mark for the work of a group, and another for the member whom a person gave another."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Grade, Push
from lti_tool.grading.desk.together import decide, members_beside
from lti_tool.grading.desk.waiting import waiting_rows
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Submission
from tests.fakes.moodle import FakeMoodle
from tests.fixtures.people import Browser, House
from tests.grading.assignments.conftest import Choose, Essay
from tests.grading.test_views import form_of


@pytest.fixture
def team(chosen: Choose, services: FakeMoodle, house: House) -> Essay:
    """Both students in one group that handed in."""
    listed = services.assign(teamsubmission=1)
    for name in ("student", "other_student"):
        number = int(house.people[name].sub)
        listed.participants[number] = {"id": number, "fullname": house.people[name].name, "groupid": 9}
    listed.hand_in(0, "<p>We wrote this.</p>", group=9)
    listed.participants.pop(0)
    essay = chosen(listed)
    essay.fetch()
    return essay


def beside(team: Essay, work: Submission) -> list[tuple[str, str, bool]]:
    rows = waiting_rows(team.session, team.viewer, team.assignment.placement)
    found = members_beside(team.session, work, rows)
    return [(each.name, f"{each.submission.id}:{each.seen}", each.is_in_step) for each in found]


def given(team: Essay, work: Submission, points: int, seen: int = 0, members: tuple[str, ...] = ()) -> list[Grade]:
    marking = Marking(rubric_id=None, seen=seen, points=Decimal(points), feedback="Good.")
    return decide(team.session, team.viewer, team.assignment.placement, work, marking, members)


def points_of(team: Essay) -> dict[str, int]:
    return {grade.person.sub: int(grade.points) for grade in team.session.scalars(select(Grade))}


def test_one_mark_is_every_members_each_with_an_approval_and_a_push_of_their_own(team: Essay, house: House) -> None:
    (work,) = team.works()
    ((name, other, is_in_step),) = beside(team, work)
    assert (name, is_in_step) == (house.people["other_student"].name, True)
    for grade in given(team, work, 40, members=(other,)):
        approve(team.session, team.viewer, grade, version=1)
    assert points_of(team) == {house.student.sub: 40, house.people["other_student"].sub: 40}
    assert len(team.session.scalars(select(Push)).all()) == 2


def test_a_member_who_was_given_another_mark_keeps_it_unless_somebody_says_so(team: Essay, house: House) -> None:
    other_student = house.people["other_student"]
    (work,), (other,) = team.works(), team.works(other_student)
    given(team, work, 40, members=(f"{other.id}:0",))
    given(team, other, 30, seen=1)
    assert beside(team, work) == [(other_student.name, f"{other.id}:2", False)]
    given(team, work, 45, seen=1)
    assert points_of(team) == {house.student.sub: 45, other_student.sub: 30}


def test_a_member_who_was_marked_meanwhile_stops_the_whole(team: Essay, house: House) -> None:
    (work,), (other,) = team.works(), team.works(house.people["other_student"])
    given(team, other, 30)
    with pytest.raises(InvalidInput, match="marked this meanwhile"):
        given(team, work, 40, members=(f"{other.id}:0",))


@pytest.mark.parametrize("member", ["x:0", "", "{own}:0", "{own}:x"])
def test_nobody_outside_the_group_can_be_named(team: Essay, member: str) -> None:
    (work,) = team.works()
    with pytest.raises(InvalidInput, match="group has changed"):
        given(team, work, 40, members=(member.format(own=work.id),))


def test_the_desk_asks_for_whom_and_marks_them_all(teacher: Browser, team: Essay, house: House) -> None:
    opened = teacher.post(f"assignments/{team.assignment.placement_id}/open")
    inside = Browser(teacher.app, house, UUID(opened.location.split("/")[2]), teacher.browser_id)
    (work,) = team.works()
    sent = form_of(inside.page(f"grading/submissions/{work.id}"), "/review") | {"points": "40", "approve": "yes"}
    done = inside.follow(inside.post(f"grading/submissions/{work.id}/review", sent)).get_text(" ", strip=True)
    assert "the grade of Other Student Canary, Student Canary is on its way" in done
    assert set(points_of(team).values()) == {40}
    assert inside.page(f"grading/submissions/{work.id}").select_one("input[name=member][checked]")
