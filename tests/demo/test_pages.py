"""Every page of the course site keeps what pages must keep, and shows each person what is theirs."""

import re

import pytest
from sqlalchemy import Engine

from lti_tool.demo.server import DemoPlatform
from tests.fixtures.demo import CourseSite, empty_site, platform_pem
from tests.fixtures.markup import checked_page


@pytest.mark.parametrize("username", ["admin", "teresa", "nora", "amira"])
def test_the_pages_of_a_course_are_well_made(course_site: CourseSite, username: str) -> None:
    course_site.be(username)
    for path in ("/", "/course/1", "/course/1/participants", "/course/1/grades", "/activity/1"):
        answer = course_site.get(path)
        assert answer.status_code == 200, path
        checked_page(answer.text)


def test_the_administrators_pages_are_well_made(course_site: CourseSite) -> None:
    course_site.be("admin")
    checked_page(course_site.get("/tools").text)
    answer = course_site.send("/tools", at="/tools", address="https://tool.example/register")
    frame = checked_page(answer.text).find("iframe")
    assert frame is not None and str(frame["src"]).startswith("https://tool.example/register?")


def test_a_stranger_chooses_who_to_be(course_site: CourseSite) -> None:
    answer = course_site.get("/course/1")
    assert (answer.status_code, answer.location) == (303, "/")
    page = checked_page(course_site.get("/").text)
    assert "Be Amira" in page.get_text() and "non-editing teacher in Introduction to Statistics" in page.get_text()


def test_becoming_someone_needs_the_pages_own_form(course_site: CourseSite) -> None:
    assert course_site.post("/be/2").status_code == 403


def test_the_activity_is_shown_in_a_frame_as_moodle_shows_it(course_site: CourseSite) -> None:
    course_site.be("amira")
    frame = checked_page(course_site.get("/activity/1").text).find("iframe")
    assert frame is not None and frame["title"] == "Tutor"
    assert re.search(r"microphone https?://[^;/]+;", str(frame["allow"])) and not frame.has_attr("sandbox")


def test_a_launch_starts_again_at_moodles_address(course_site: CourseSite) -> None:
    course_site.be("amira")
    answer = course_site.get(f"/mod/lti/launch.php?id={course_site.activity_id}")
    assert answer.location == f"/activity/{course_site.activity_id}/launch"


@pytest.mark.parametrize("path", ["/course/1", "/course/1/participants", "/course/1/grades", "/activity/1"])
def test_an_outsider_sees_nothing_of_the_course(course_site: CourseSite, path: str) -> None:
    course_site.be("oskar")
    answer = course_site.get(path)
    assert answer.status_code == 403
    assert "Amira" not in checked_page(answer.text).get_text()


@pytest.mark.parametrize(("username", "offered"), [("teresa", True), ("nora", False), ("amira", False)])
def test_only_an_editing_teacher_is_offered_to_add_and_to_copy(
    course_site: CourseSite, username: str, offered: bool
) -> None:
    course_site.be(username)
    text = course_site.get("/course/1").text
    assert ("Add activities with Fake tool" in text) is offered
    assert ("Copy this course" in text) is offered


def test_a_student_cannot_copy_a_course(course_site: CourseSite) -> None:
    course_site.be("amira")
    with course_site.client.session_transaction(base_url=course_site.url) as kept:
        kept["sesskey"] = "known"
    assert course_site.post("/course/1/copy", data={"csrf_token": "known"}).status_code == 403


def test_the_gradebook_links_to_the_review_of_each_students_work(course_site: CourseSite) -> None:
    course_site.be("nora")
    link = checked_page(course_site.get("/course/1/grades").text).find("a", string="See the work of Bruno")
    assert link is not None
    frame = checked_page(course_site.get(str(link["href"])).text).find("iframe")
    assert frame is not None
    assert frame["src"] == f"/activity/{course_site.graded_id}/launch?review=5"


def test_a_student_is_not_shown_the_review_page(course_site: CourseSite) -> None:
    course_site.be("amira")
    assert course_site.get(f"/course/1/grades/{course_site.item_id}/5/review").status_code == 403


@pytest.mark.parametrize("number", ["ten", "1e99", "NaN"])
def test_an_override_is_a_number(course_site: CourseSite, number: str) -> None:
    course_site.be("teresa")
    action = f"/course/1/grades/{course_site.item_id}/4"
    assert course_site.send(action, at="/course/1/grades", overridden=number).status_code == 400


def test_what_happened_is_still_there_next_time(engine: Engine) -> None:
    empty_site(engine)
    with DemoPlatform(engine, private_pem=platform_pem()) as first:
        keys = first.site.test_client().get("/lti/certs", base_url=first.url).get_json()
    with DemoPlatform(engine) as second:
        assert second.site.test_client().get("/lti/certs", base_url=second.url).get_json() == keys
        assert second.site.secret_key == first.site.secret_key
