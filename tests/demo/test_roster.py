"""The roster as Moodle serves it (moodle-as-platform.md 1.12)."""

from typing import Any

import pytest

from lti_tool.demo import scopes
from lti_tool.demo.models import Tool
from tests.fixtures.demo import CourseSite

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PATH = "/lti/services/CourseSection/1/bindings/1/memberships"


def members(site: CourseSite, query: str = "") -> list[dict[str, Any]]:
    answer = site.get(f"{PATH}{query}", headers=site.bearer(Accept=MEMBERS))
    assert answer.status_code == 200 and answer.mimetype == MEMBERS
    found: list[dict[str, Any]] = answer.get_json(force=True)["members"]
    return found


def share(site: CourseSite, **what: bool) -> None:
    with site.platform.store.transaction() as rows:
        tool = rows.get_one(Tool, 1)
        for name, value in what.items():
            setattr(tool, name, value)


def test_everyone_enrolled_is_active_with_a_short_role(course_site: CourseSite) -> None:
    found = {member["user_id"]: member for member in members(course_site)}
    assert len(found) == 10
    assert {member["status"] for member in found.values()} == {"Active"}
    assert found["2"]["roles"] == ["Instructor"]
    assert "1" not in found, "an administrator who is not enrolled is absent"


def test_a_non_editing_teacher_is_a_learner_here(course_site: CourseSite) -> None:
    [nora] = [member for member in members(course_site) if member["user_id"] == "3"]
    assert nora["roles"] == ["Learner"]


def test_the_idnumber_is_sent_whatever_is_shared(course_site: CourseSite) -> None:
    amira = members(course_site)[2]
    assert amira["lis_person_sourcedid"] == "230521100101"
    assert not {"name", "given_name", "family_name", "email", "ext_user_username"} & set(amira)


def test_names_and_mail_are_shared_apart(course_site: CourseSite) -> None:
    share(course_site, shares_names=True)
    assert members(course_site)[2]["name"] == "Amira Haddad"
    assert "email" not in members(course_site)[2]
    share(course_site, shares_emails=True)
    assert members(course_site)[2]["email"] == "amira@example.org"


@pytest.mark.parametrize("accept", ["application/json", f"{MEMBERS}; charset=utf-8", "text/html"])
def test_another_accept_header_is_refused(course_site: CourseSite, accept: str) -> None:
    assert course_site.get(PATH, headers=course_site.bearer(Accept=accept)).status_code == 400


def test_any_type_is_accepted_here(course_site: CourseSite) -> None:
    assert course_site.get(PATH, headers=course_site.bearer(Accept="*/*")).status_code == 200


def test_the_next_page_forgets_the_role(course_site: CourseSite) -> None:
    answer = course_site.get(f"{PATH}?limit=3&role=Learner", headers=course_site.bearer(Accept=MEMBERS))
    assert len(answer.get_json(force=True)["members"]) == 3
    assert answer.headers["Link"] == f'<{course_site.url}{PATH}?limit=3&from=3>; rel="next"'


def test_the_last_page_has_no_next(course_site: CourseSite) -> None:
    answer = course_site.get(f"{PATH}?limit=5&from=5", headers=course_site.bearer(Accept=MEMBERS))
    assert "Link" not in answer.headers


@pytest.mark.parametrize(("role", "count"), [("Instructor", 1), ("Learner", 9), ("Mentor", 10)])
def test_an_unknown_role_means_everybody(course_site: CourseSite, role: str, count: int) -> None:
    assert len(members(course_site, f"?role={role}")) == count


def test_a_resource_link_adds_its_message(course_site: CourseSite) -> None:
    found = members(course_site, f"?rlid={course_site.activity_id}")
    assert all(len(member["message"]) == 1 for member in found)


def test_a_resource_link_of_nowhere_is_not_found(course_site: CourseSite) -> None:
    answer = course_site.get(f"{PATH}?rlid=999", headers=course_site.bearer(Accept=MEMBERS))
    assert answer.status_code == 404


def test_a_token_without_the_scope_is_refused(course_site: CourseSite) -> None:
    answer = course_site.get(PATH, headers=course_site.bearer(scopes.SCORES, Accept=MEMBERS))
    assert answer.status_code == 401


def test_the_binding_of_another_tool_is_refused(course_site: CourseSite) -> None:
    path = PATH.replace("bindings/1", "bindings/2")
    assert course_site.get(path, headers=course_site.bearer(Accept=MEMBERS)).status_code == 401
