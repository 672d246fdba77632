"""Which placement a link shows: never one of another course, a clone where a course was copied."""

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement, PlacementKind, ResourceLink
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.lti.models import Deployment
from tests.fixtures.launches import ORIGIN, Visitor, claim
from tests.fixtures.people import Enter, House

COPY = {"id": "9", "title": "Plant biology, copy"}


@pytest.fixture
def original(registered: House) -> Placement:
    """A graded activity of the first course."""
    placement = registered.placements[PlacementKind.ACTIVITY]
    placement.options = {"rubric": [{"title": "Clarity", "points": 10}]}
    placement.due_at = placement.created_at
    registered.session.flush()
    return placement


def launch_copy(visitor: Visitor, original: Placement, link_id: str = "900", history: str = "2") -> Viewer:
    """A launch from the copied course: new context and link, the old custom parameters."""
    custom = {"placement": str(original.id), "context_history": history}
    link = {"id": link_id, "title": "Week 1"}
    changes = {claim("context"): COPY, claim("resource_link"): link, claim("custom"): custom}
    return visitor.viewer(visitor.launch("student", **changes))


def test_a_copied_course_gets_a_clone(visitor: Visitor, original: Placement) -> None:
    viewer = launch_copy(visitor, original)
    clone = visitor.house.session.get_one(Placement, viewer.placement_id)
    assert (clone.kind, clone.title, clone.points, clone.options) == (
        original.kind,
        original.title,
        original.points,
        original.options,
    )
    assert clone.id != original.id and clone.course_id == viewer.course_id != original.course_id
    assert clone.copied_from_id == original.id and clone.due_at is None


def test_a_second_launch_of_the_copy_finds_the_same_clone(visitor: Visitor, original: Placement) -> None:
    assert launch_copy(visitor, original).placement_id == launch_copy(visitor, original).placement_id


def test_two_links_of_the_copy_to_one_original_share_nothing(visitor: Visitor, original: Placement) -> None:
    first, second = launch_copy(visitor, original, "900"), launch_copy(visitor, original, "901")
    assert first.placement_id != second.placement_id


def test_a_copy_of_a_copy_is_recognised_by_its_history(visitor: Visitor, original: Placement) -> None:
    assert launch_copy(visitor, original, history="8, 2").placement_id is not None


def test_another_deployment_never_clones(visitor: Visitor, original: Placement) -> None:
    visitor.house.course.deployment = Deployment(registration=visitor.house.registration, deployment_id="2")
    visitor.house.session.flush()
    assert launch_copy(visitor, original).placement_id is None


@pytest.mark.parametrize("hint", ["377282a7-cae0-4094-8974-e474be224948", "no-uuid", ""])
def test_an_unknown_hint_is_no_placement(visitor: Visitor, hint: str) -> None:
    assert visitor.viewer(visitor.launch(**{claim("custom"): {"placement": hint}})).placement_id is None


def test_an_activity_duplicated_in_its_course_is_on_its_own(visitor: Visitor, original: Placement) -> None:
    custom = {claim("custom"): {"placement": str(original.id)}}
    viewer = visitor.viewer(visitor.launch(**custom))
    assert viewer.placement_id not in {None, original.id}
    assert viewer.placement_kind == original.kind


def test_a_link_keeps_its_placement_whatever_custom_says_later(visitor: Visitor, original: Placement) -> None:
    first = launch_copy(visitor, original)
    other = visitor.house.placements[PlacementKind.EXAM]
    assert launch_copy(visitor, other).placement_id == first.placement_id


def test_a_student_waits_for_a_link_that_is_not_set_up(visitor: Visitor) -> None:
    page = visitor.follow(visitor.launch("student"))
    assert page.h1.get_text() == "Please wait for your teacher" and not page.find("form")


def test_a_teacher_says_what_the_link_is(visitor: Visitor) -> None:
    page = visitor.follow(visitor.launch("teacher"))
    form = page.find("form")
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]") if field["value"]}
    choice = {"kind": "tutor", "tutor-title": "Ask here"}
    response = visitor.client.post(form["action"], data=fields | choice, base_url=ORIGIN, headers={"Origin": ORIGIN})
    visitor.house.session.expire_all()
    link = visitor.house.session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "70")).one()
    assert response.location.endswith("/tutor/") and link.placement.title == "Ask here"


def test_a_second_answer_changes_nothing(enter: Enter, house: House) -> None:
    link = ResourceLink(course_id=house.course.id, resource_link_id="71", title="Bare")
    house.session.add(link)
    house.session.flush()
    teacher = enter("teacher", None, resource_link_id=link.id)
    teacher.post("launch/setup", {"kind": "tutor", "tutor-title": "First"})
    teacher.post("launch/setup", {"kind": "dashboard", "dashboard-title": "Second"})
    assert link.placement.title == "First"


def test_an_incomplete_answer_is_shown_again(enter: Enter, house: House) -> None:
    link = ResourceLink(course_id=house.course.id, resource_link_id="71", title="Bare")
    house.session.add(link)
    house.session.flush()
    teacher = enter("teacher", None, resource_link_id=link.id)
    assert teacher.post("launch/setup", {}).status_code == 422


def test_a_student_cannot_set_a_link_up(enter: Enter) -> None:
    assert enter("student", None).post("launch/setup", {"kind": "tutor"}).status_code == 403


def test_a_link_that_is_set_up_leads_to_its_view(enter: Enter) -> None:
    assert enter("student").get("launch/setup").location.endswith("/tutor/")


def test_no_link_is_made_to_an_assignment_of_moodle(visitor: Visitor, original: Placement) -> None:
    """Work handed in to a link would be graded in Moodle, where nobody sees it."""
    session = visitor.house.session
    placement = Placement(course_id=original.course_id, kind=PlacementKind.ACTIVITY, title="Essay", points=50)
    session.add(placement)
    session.flush()
    values = {"number": 501, "module": 1501, "maximum": 50, "method": GradingMethod.POINTS}
    session.add(MoodleAssignment(placement_id=placement.id, course_id=placement.course_id, **values))
    session.flush()
    custom = {claim("custom"): {"placement": str(placement.id)}}
    assert visitor.viewer(visitor.launch(**custom)).placement_id is None
