"""What a launch stores, and what it leaves alone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from lti_tool.accounts.models import Course, Membership, Person, PlacementKind, ResourceLink, Role
from lti_tool.activity.models import Event, EventKind
from lti_tool.db import now
from tests.fakes.platform import ABSENT, AGS, LEARNER, FakePlatform
from tests.fixtures.launches import Visitor, claim


def stranger(platform: FakePlatform, **changes: Any) -> dict[str, Any]:
    return {"sub": "4711", "name": "New Person", "email": "new@example.org"} | changes


def test_a_first_launch_stores_person_and_membership(visitor: Visitor, platform: FakePlatform) -> None:
    visitor.launch("student", **stranger(platform))
    session = visitor.house.session
    person = session.scalars(select(Person).where(Person.sub == "4711")).one()
    membership = session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    assert (person.name, person.email, person.idnumber) == ("New Person", "new@example.org", "000000000099")
    assert (membership.launch_role, membership.course_id) == (Role.STUDENT, visitor.house.course.id)


def test_what_is_no_longer_shared_is_not_erased(visitor: Visitor, platform: FakePlatform) -> None:
    visitor.launch("student", **stranger(platform))
    visitor.launch("student", **stranger(platform, name=ABSENT, email=None))
    person = visitor.house.session.scalars(select(Person).where(Person.sub == "4711")).one()
    assert (person.name, person.email) == ("New Person", "new@example.org")


def test_a_changed_name_is_taken_over(visitor: Visitor, platform: FakePlatform) -> None:
    visitor.launch("student", **stranger(platform))
    visitor.launch("student", **stranger(platform, name="Married Person"))
    person = visitor.house.session.scalars(select(Person).where(Person.sub == "4711")).one()
    assert person.name == "Married Person"


def test_a_first_launch_stores_the_course_and_its_services(visitor: Visitor) -> None:
    visitor.launch("teacher", **{claim("context"): {"id": "55", "title": "New course", "label": "NEW"}})
    course = visitor.house.session.scalars(select(Course).where(Course.context_id == "55")).one()
    assert (course.title, course.label) == ("New course", "NEW")
    assert course.memberships_url == "http://platform.test/members"
    assert course.line_items_url == "http://platform.test/lineitems?type_id=1"


def test_a_launch_without_services_keeps_the_known_ones(visitor: Visitor) -> None:
    visitor.launch("teacher")
    visitor.launch("teacher", **{AGS: ABSENT})
    assert visitor.house.course.line_items_url == "http://platform.test/lineitems?type_id=1"


def test_a_resource_link_keeps_its_line_item(visitor: Visitor) -> None:
    visitor.launch("teacher")
    link = visitor.house.session.scalars(select(ResourceLink).where(ResourceLink.resource_link_id == "70")).one()
    assert link.line_item_url == "http://platform.test/lineitems/9/lineitem?type_id=1"


def test_a_launch_is_an_event(visitor: Visitor) -> None:
    viewer = visitor.viewer(visitor.launch("student"))
    happened = visitor.house.session.scalars(select(Event)).one()
    assert (happened.kind, happened.person_id, happened.course_id) == (
        EventKind.LAUNCHED,
        viewer.person_id,
        viewer.course_id,
    )


def test_who_left_the_roster_is_back_by_launching(visitor: Visitor) -> None:
    session = visitor.house.session
    membership = session.scalars(select(Membership).where(Membership.person_id == visitor.house.student.id)).one()
    membership.status = "inactive"
    session.flush()
    visitor.launch("student")
    assert membership.status == "active"


def test_a_switched_role_holds_for_the_launch(visitor: Visitor) -> None:
    assert visitor.viewer(visitor.launch("teacher", **{claim("roles"): [LEARNER]})).role is Role.STUDENT


def test_an_instructor_whom_the_roster_calls_a_learner_does_not_edit(visitor: Visitor) -> None:
    session = visitor.house.session
    membership = session.scalars(select(Membership).where(Membership.person_id == visitor.house.teacher.id)).one()
    membership.roster_role = Role.STUDENT
    session.flush()
    assert visitor.viewer(visitor.launch("teacher")).role is Role.NON_EDITING_TEACHER


def test_a_usual_launch_writes_no_course_row(visitor: Visitor) -> None:
    visitor.launch("student")
    visitor.house.course.last_launch_at = earlier = now() - timedelta(minutes=5)
    visitor.house.session.flush()
    visitor.launch("student")
    assert visitor.house.course.last_launch_at == earlier


def test_a_launch_takes_few_statements(visitor: Visitor) -> None:
    visitor.launch("student")
    login = visitor.login()
    token = visitor.platform.sign(visitor.claims(login))
    statements: list[str] = []
    connection = visitor.house.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    visitor.post(login, token)
    written = [statement for statement in statements if not statement.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(written) <= 14, "\n".join(written)


def test_the_launch_opens_the_view_of_its_placement(visitor: Visitor) -> None:
    link = visitor.house.links[PlacementKind.TUTOR]
    response = visitor.launch(**{claim("resource_link"): {"id": link.resource_link_id, "title": ""}})
    assert visitor.viewer(response).placement_id == link.placement_id
    assert response.location.endswith("/tutor/")


def test_a_review_finds_its_link_by_the_line_item(visitor: Visitor, platform: FakePlatform) -> None:
    link = visitor.house.links[PlacementKind.ACTIVITY]
    link.line_item_url = "http://platform.test/lineitems/9/lineitem?type_id=1"
    visitor.house.session.flush()
    changes = platform.submission_review(visitor.house.student.sub) | {claim("resource_link"): ABSENT}
    assert visitor.viewer(visitor.launch("teacher", **changes)).placement_id == link.placement_id


@pytest.mark.parametrize("line_item", ["http://platform.test/unknown", None])
def test_a_review_of_an_unknown_line_item_is_refused(
    visitor: Visitor, platform: FakePlatform, line_item: str | None
) -> None:
    changes = platform.submission_review(visitor.house.student.sub)
    changes |= {claim("resource_link"): ABSENT, AGS: {"lineitem": line_item}}
    assert visitor.launch("teacher", **changes).status_code == 404


def tutor_of(visitor: Visitor) -> ResourceLink:
    return visitor.house.links[PlacementKind.TUTOR]


def launched_tutor(visitor: Visitor, name: str, hint: str = '{"cmid":41,"launchid":"a"}') -> ResourceLink:
    login = visitor.login(lti_message_hint=hint)
    claims = visitor.claims(login, name, **{claim("resource_link"): {"id": tutor_of(visitor).resource_link_id}})
    assert visitor.post(login, visitor.platform.sign(claims)).status_code == 303
    return tutor_of(visitor)


def test_the_number_of_an_activity_is_learnt_from_its_teacher(visitor: Visitor) -> None:
    assert launched_tutor(visitor, "teacher").course_module == 41
    assert launched_tutor(visitor, "teacher", "no number").course_module == 41


def test_a_student_cannot_send_others_to_another_activity(visitor: Visitor) -> None:
    """Moodle signs nothing of the hint: whoever starts a login can write another number into it."""
    assert launched_tutor(visitor, "student").course_module is None
    launched_tutor(visitor, "teacher")
    assert launched_tutor(visitor, "student", '{"cmid":666,"launchid":"a"}').course_module == 41
