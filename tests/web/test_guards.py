"""A launch page answers only its own browser, its own capability, and its own forms."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import CapabilityOverride, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.lti.models import RegistrationStatus
from lti_tool.web.browser_cookie import NAME
from lti_tool.web.guards import guarded, launch_blueprint
from tests.fixtures.people import ORIGIN, Enter, House


@pytest.fixture(autouse=True)
def rooms(app: Flask) -> None:
    blueprint = launch_blueprint("rooms", __name__)

    @blueprint.route("/open", methods=["GET", "POST"])
    @guarded(Capability.USE)
    def open_room(viewer: Viewer) -> ResponseReturnValue:
        return f"course {viewer.course_id}"

    @blueprint.get("/staff")
    @guarded(Capability.GRADE)
    def staff_room(viewer: Viewer) -> ResponseReturnValue:
        return "staff"

    app.register_blueprint(blueprint)


def test_a_launch_answers_the_browser_it_is_bound_to(enter: Enter, house: House) -> None:
    assert enter("student").get("rooms/open").text == f"course {house.course.id}"


def test_another_browser_gets_nothing(enter: Enter) -> None:
    student = enter("student")
    student.client.set_cookie(NAME, "another-browser", domain="127.0.0.1")
    assert student.get("rooms/open").status_code == 404


def test_a_browser_without_the_cookie_gets_nothing(enter: Enter) -> None:
    student = enter("student")
    student.client.delete_cookie(NAME, domain="127.0.0.1")
    assert student.get("rooms/open").status_code == 404


def test_an_expired_launch_is_refused(enter: Enter) -> None:
    assert enter("student", expires_at=now() - timedelta(seconds=1)).get("rooms/open").status_code == 403


def test_a_student_may_not_enter_the_staff_room(enter: Enter) -> None:
    assert enter("student").get("rooms/staff").status_code == 403
    assert enter("non_editing_teacher").get("rooms/staff").text == "staff"


def test_a_course_may_take_a_capability_away(enter: Enter, house: House) -> None:
    house.session.add(
        CapabilityOverride(
            course_id=house.course.id, role=Role.NON_EDITING_TEACHER, capability=Capability.GRADE, is_allowed=False
        )
    )
    assert enter("non_editing_teacher").get("rooms/staff").status_code == 403


def test_no_override_gives_a_student_other_peoples_work(enter: Enter, house: House) -> None:
    house.session.add(
        CapabilityOverride(course_id=house.course.id, role=Role.STUDENT, capability=Capability.GRADE, is_allowed=True)
    )
    assert enter("student").get("rooms/staff").status_code == 403


def test_a_form_needs_the_token_of_its_launch(enter: Enter) -> None:
    student = enter("student")
    assert student.post("rooms/open").status_code == 200
    assert student.post("rooms/open", {"csrf_token": "0" * 64}).status_code == 403


def test_a_form_of_a_foreign_page_is_refused(enter: Enter) -> None:
    assert enter("student").post("rooms/open", headers={"Origin": "http://evil.test"}).status_code == 403


def test_a_form_without_origin_is_refused(enter: Enter) -> None:
    student = enter("student")
    address = student.address("rooms/open")
    assert student.client.post(address, base_url=ORIGIN).status_code == 403


def test_only_the_registered_platform_may_frame_a_page(enter: Enter) -> None:
    policy = enter("student").get("rooms/open").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' http://platform.test" in policy


def test_a_disabled_registration_ends_its_launches(enter: Enter, house: House) -> None:
    student = enter("student")
    house.registration.status = RegistrationStatus.DISABLED
    house.session.flush()
    assert student.get("rooms/open").status_code == 403


def test_a_disabled_deployment_ends_its_launches(enter: Enter, house: House) -> None:
    student = enter("student")
    house.deployment.is_active = False
    house.session.flush()
    assert student.get("rooms/open").status_code == 403
