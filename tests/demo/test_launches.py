"""The claims of a launch are Moodle's (moodle-as-platform.md 1.2 to 1.4, 1.6, 1.7)."""

from typing import Any

import pytest

from lti_tool.demo.models import Activity, Tool
from tests.demo.test_oidc import answered, asked, begun, claims_of
from tests.fixtures.demo import CourseSite

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def launched(site: CourseSite, username: str, path: str | None = None) -> dict[str, Any]:
    return claims_of(site, answered(site, asked(site, begun(site, username, path))))


def test_the_token_lives_sixty_seconds_and_has_no_jti(course_site: CourseSite) -> None:
    claims = launched(course_site, "amira")
    assert claims["exp"] - claims["iat"] == 60
    assert "jti" not in claims and "azp" not in claims


def test_course_link_and_person_are_named_by_their_ids(course_site: CourseSite) -> None:
    claims = launched(course_site, "amira")
    assert claims[f"{LTI}context"]["id"] == "1"
    assert claims[f"{LTI}context"]["type"] == ["CourseSection"]
    assert claims[f"{LTI}resource_link"]["id"] == str(course_site.activity_id)
    assert claims[f"{LTI}lis"]["person_sourcedid"] == "230521100101"


@pytest.mark.parametrize(("username", "role"), [("teresa", "Instructor"), ("nora", "Instructor"), ("amira", "Learner")])
def test_both_kinds_of_teacher_are_instructors_at_launch(course_site: CourseSite, username: str, role: str) -> None:
    assert launched(course_site, username)[f"{LTI}roles"] == [f"{MEMBERSHIP}{role}"]


def test_the_administrator_is_one_of_the_system_and_of_the_institution(course_site: CourseSite) -> None:
    roles = launched(course_site, "admin")[f"{LTI}roles"]
    assert roles == sorted(roles)
    assert {role.rpartition("/")[2] for role in roles} == {"membership#Instructor", "person#Administrator"}
    assert len(roles) == 3


def test_names_and_mail_are_kept_back_until_the_administrator_shares_them(course_site: CourseSite) -> None:
    assert not {"name", "given_name", "family_name", "email"} & set(launched(course_site, "amira"))
    course_site.be("admin")
    course_site.send("/tools/1", at="/tools", is_active="on", shares_names="on", shares_emails="on")
    claims = launched(course_site, "amira")
    assert (claims["name"], claims["email"]) == ("Amira Haddad", "amira@example.org")


def test_custom_keys_come_twice_and_unknown_variables_stay(course_site: CourseSite) -> None:
    custom = launched(course_site, "amira")[f"{LTI}custom"]
    assert custom["placement"] == "p-1"
    assert custom["History.Of"] == custom["history_of"] == ""
    assert custom["unknown"] == "$Foo.bar"
    assert "{link_id}" in custom["link_setting_url"]


def test_a_parameter_of_the_tool_wins_over_one_of_the_activity(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        rows.get_one(Activity, course_site.activity_id).custom = {"site": "elsewhere"}
    assert launched(course_site, "amira")[f"{LTI}custom"]["site"] == "demo"


def test_only_a_graded_activity_has_a_line_item(course_site: CourseSite) -> None:
    assert "lineitem" not in launched(course_site, "amira")[AGS]
    graded = launched(course_site, "amira", f"/activity/{course_site.graded_id}/launch")[AGS]
    assert graded["lineitem"].endswith(f"/lineitems/{course_site.item_id}/lineitem?type_id=1")


def test_a_tool_without_grade_scopes_gets_no_grade_claim(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        rows.get_one(Tool, 1).scopes = []
    claims = launched(course_site, "amira")
    assert AGS not in claims and NRPS not in claims


def test_a_deep_linking_request_has_settings_and_no_resource_link(course_site: CourseSite) -> None:
    claims = launched(course_site, "teresa", "/course/1/add/1/launch")
    assert claims[f"{LTI}message_type"] == "LtiDeepLinkingRequest"
    assert claims[f"{LTI}target_link_uri"] == f"{course_site.tool.url}/pick"
    assert claims[DEEP_LINKING]["accept_types"] == ["ltiResourceLink"]
    assert "data" not in claims[DEEP_LINKING]
    assert f"{LTI}resource_link" not in claims


def test_the_first_deep_linking_in_a_course_lacks_the_roster(course_site: CourseSite) -> None:
    assert NRPS in launched(course_site, "teresa", "/course/1/add/1/launch")
    assert NRPS not in launched(course_site, "tobias", "/course/2/add/1/launch")


@pytest.mark.parametrize("username", ["amira", "nora", "oskar"])
def test_only_an_editing_teacher_reaches_the_picker(course_site: CourseSite, username: str) -> None:
    course_site.be(username)
    assert course_site.get("/course/1/add/1").status_code == 403
    assert course_site.get("/course/1/add/1/launch").status_code == 403


def test_a_review_goes_to_the_line_items_own_address_with_its_parameters(course_site: CourseSite) -> None:
    claims = launched(course_site, "teresa", f"/activity/{course_site.graded_id}/launch?review=5")
    assert claims[f"{LTI}message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{LTI}for_user"] == {"user_id": "5"}
    assert claims[f"{LTI}target_link_uri"] == f"{course_site.tool.url}/review"
    assert claims[f"{LTI}custom"]["kind"] == "review"


def test_like_moodle_the_site_signs_a_review_of_anybody_for_a_student(course_site: CourseSite) -> None:
    claims = launched(course_site, "amira", f"/activity/{course_site.graded_id}/launch?review=5")
    assert claims[f"{LTI}for_user"] == {"user_id": "5"}
    assert claims[f"{LTI}roles"] == [f"{MEMBERSHIP}Learner"]


def test_a_copied_course_has_new_ids_the_same_parameters_and_a_history(course_site: CourseSite) -> None:
    course_site.be("teresa")
    copied = course_site.send("/course/1/copy", at="/course/1").location
    assert copied == "/course/3"
    claims = launched(course_site, "teresa", f"/activity/{course_site.graded_id + 2}/launch")
    assert claims[f"{LTI}context"]["id"] == "3"
    assert claims[f"{LTI}custom"]["placement"] == "p-2"
    assert claims[f"{LTI}custom"]["history_of"] == "1"
    assert f"/lineitems/{course_site.item_id}/" not in claims[AGS]["lineitem"]


def test_the_return_address_carries_the_session_key(course_site: CourseSite) -> None:
    claims = launched(course_site, "amira")
    assert "sesskey=" in claims[f"{LTI}launch_presentation"]["return_url"]


def test_the_tool_is_opened_in_the_language_that_a_person_chose(course_site: CourseSite) -> None:
    course_site.be("amira")
    assert course_site.send("/language", at="/", language="it").status_code == 303
    for username in ("amira", "teresa"):
        assert launched(course_site, username)[f"{LTI}launch_presentation"]["locale"] == "it"


@pytest.mark.parametrize("language", ["", "xx", "../de"])
def test_no_language_is_chosen_that_the_tool_does_not_speak(course_site: CourseSite, language: str) -> None:
    course_site.be("amira")
    assert course_site.send("/language", at="/", language=language).status_code == 400
    assert launched(course_site, "amira")[f"{LTI}launch_presentation"]["locale"] == "en"
