"""Scores and results: Moodle's rules about order, locks, comments and overrides (moodle-as-platform.md 1.11)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from lti_tool.demo import scopes
from tests.demo.test_line_items import item_path
from tests.fixtures.demo import CourseSite
from tests.fixtures.markup import checked_page
from tests.fixtures.patience import PATIENCE

SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
AMIRA, BRUNO, TERESA, OSKAR = "4", "5", "2", "12"
LEFT_OUT = object()


def score(second: int = 0, **changes: Any) -> dict[str, Any]:
    """A good score; a change to LEFT_OUT leaves the field out."""
    values = {
        "userId": AMIRA,
        "timestamp": f"2026-11-21T10:00:{second:02d}+00:00",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 8,
        "scoreMaximum": 10,
        "comment": "Well argued.",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not LEFT_OUT}


def send(site: CourseSite, content: dict[str, Any], **headers: str) -> TestResponse:
    path = item_path(site).replace("/lineitem?", "/lineitem/scores?")
    return site.post(path, json=content, headers=site.bearer(**{"Content-Type": SCORE, **headers}))


def shown(site: CourseSite, person: str = AMIRA) -> dict[str, Any]:
    path = item_path(site).replace("/lineitem?", "/lineitem/results?")
    answer = site.get(f"{path}&user_id={person}", headers=site.bearer(Accept=RESULTS))
    assert answer.status_code == 200 and answer.mimetype == RESULTS
    results: list[dict[str, Any]] = answer.get_json(force=True)
    return results[0] if results else {}


def set_cell(site: CourseSite, **fields: str) -> None:
    site.be("teresa")
    action = f"/course/1/grades/{site.item_id}/{AMIRA}"
    assert site.send(action, at="/course/1/grades", **fields).status_code == 303


def test_a_score_is_taken_without_a_word_and_shows_as_result(course_site: CourseSite) -> None:
    answer = send(course_site, score())
    assert (answer.status_code, answer.data) == (200, b"")
    result = shown(course_site)
    assert (result["resultScore"], result["resultMaximum"]) == (8, 10)
    assert result["comment"] == "Well argued."


def test_a_score_is_rescaled_to_the_column(course_site: CourseSite) -> None:
    send(course_site, score(scoreGiven=0.5, scoreMaximum=1))
    assert shown(course_site)["resultScore"] == 5


@pytest.mark.parametrize(("given", "final"), [(12, 10), (-1, 0)])
def test_the_final_grade_stays_in_range(course_site: CourseSite, given: int, final: int) -> None:
    assert send(course_site, score(scoreGiven=given)).status_code == 200
    assert shown(course_site)["resultScore"] == final


def test_a_maximum_of_nought_means_no_rescaling(course_site: CourseSite) -> None:
    send(course_site, score(scoreGiven=3, scoreMaximum=0))
    assert shown(course_site)["resultScore"] == 3


@pytest.mark.parametrize("second", [5, 4])
def test_the_same_second_or_an_older_one_is_a_conflict(course_site: CourseSite, second: int) -> None:
    send(course_site, score(5))
    answer = send(course_site, score(second, scoreGiven=1))
    assert (answer.status_code, answer.text) == (409, "[]")
    assert shown(course_site)["resultScore"] == 8


def test_parts_of_a_second_do_not_count(course_site: CourseSite) -> None:
    send(course_site, score(timestamp="2026-11-21T10:00:00.100+00:00"))
    answer = send(course_site, score(timestamp="2026-11-21T10:00:00.900+00:00"))
    assert answer.status_code == 409


def test_of_scores_with_one_timestamp_one_wins(course_site: CourseSite) -> None:
    url = f"{course_site.url}{item_path(course_site)}".replace("/lineitem?", "/lineitem/scores?")
    headers = course_site.bearer(**{"Content-Type": SCORE})

    def post(given: int) -> int:
        return requests.post(url, json=score(scoreGiven=given), headers=headers, timeout=PATIENCE).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert sorted(answers) == [200, 409, 409, 409]


@pytest.mark.parametrize("missing", ["userId", "timestamp", "activityProgress", "gradingProgress", "scoreMaximum"])
def test_required_fields(course_site: CourseSite, missing: str) -> None:
    answer = send(course_site, score(**{missing: LEFT_OUT}))
    assert (answer.status_code, answer.text) == (400, "[]")


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-21 10:00:00"},
        {"timestamp": "2026-13-21T10:00:00Z"},
        {"scoreGiven": "eight"},
        {"scoreGiven": True},
        {"comment": 5},
    ],
)
def test_fields_of_another_kind_are_refused(course_site: CourseSite, changes: dict[str, Any]) -> None:
    assert send(course_site, score(**changes)).status_code == 400


@pytest.mark.parametrize("person", [TERESA, OSKAR, "999", "amira"])
def test_only_students_of_the_course_can_be_graded(course_site: CourseSite, person: str) -> None:
    assert send(course_site, score(userId=person)).status_code == 400


def test_a_refusal_repeats_the_body_as_the_reason(course_site: CourseSite) -> None:
    assert '"userId"' in send(course_site, score(userId="999")).status


def test_a_refused_score_with_line_breaks_goes_out_as_200(course_site: CourseSite) -> None:
    path = item_path(course_site).replace("/lineitem?", "/lineitem/scores?")
    headers = course_site.bearer(**{"Content-Type": SCORE})
    answer = course_site.post(path, data='{\n "userId": "999"\n}', headers=headers)
    assert (answer.status_code, answer.text) == (200, "[]")


def test_the_content_type_is_checked(course_site: CourseSite) -> None:
    assert send(course_site, score(), **{"Content-Type": "application/json"}).status_code == 400
    assert send(course_site, score(), **{"Content-Type": f"{SCORE}; charset=utf-8"}).status_code == 200


def test_scores_cannot_be_read_and_need_their_scope(course_site: CourseSite) -> None:
    path = item_path(course_site).replace("/lineitem?", "/lineitem/scores?")
    assert course_site.get(path, headers=course_site.bearer()).status_code == 405
    headers = course_site.bearer(scopes.RESULTS, **{"Content-Type": SCORE})
    assert course_site.post(path, json=score(), headers=headers).status_code == 401


def test_a_grade_that_is_not_final_clears_the_one_before(course_site: CourseSite) -> None:
    send(course_site, score(1))
    assert send(course_site, score(2, gradingProgress="Pending")).status_code == 200
    assert "resultScore" not in shown(course_site)


def test_with_the_grade_and_comment_the_order_is_forgotten(course_site: CourseSite) -> None:
    send(course_site, score(5))
    send(course_site, score(6, gradingProgress="Pending", comment=LEFT_OUT))
    assert send(course_site, score(1)).status_code == 200


def test_an_omitted_comment_erases_the_feedback(course_site: CourseSite) -> None:
    send(course_site, score(1))
    send(course_site, score(2, comment=LEFT_OUT))
    assert "comment" not in shown(course_site)


def test_a_locked_cell_answers_500(course_site: CourseSite) -> None:
    set_cell(course_site, is_locked="on")
    answer = send(course_site, score())
    assert (answer.status_code, answer.text) == (500, "[]")


def test_an_overridden_grade_is_kept_although_the_score_is_taken(course_site: CourseSite) -> None:
    set_cell(course_site, overridden="3")
    assert send(course_site, score()).status_code == 200
    assert shown(course_site)["resultScore"] == 3


def test_taking_the_override_away_shows_the_tools_grade(course_site: CourseSite) -> None:
    send(course_site, score())
    set_cell(course_site, overridden="3,5")
    assert shown(course_site)["resultScore"] == 3.5
    set_cell(course_site, overridden="")
    assert shown(course_site)["resultScore"] == 8


def test_results_with_a_limit_break_moodle(course_site: CourseSite) -> None:
    path = item_path(course_site).replace("/lineitem?", "/lineitem/results?")
    answer = course_site.get(f"{path}&limit=1", headers=course_site.bearer(Accept=RESULTS))
    assert answer.status_code == 404 and answer.mimetype == "text/html"


def test_results_hold_nobody_who_has_no_grade(course_site: CourseSite) -> None:
    send(course_site, score())
    assert shown(course_site, BRUNO) == {}


def test_a_student_sees_the_own_grade_alone(course_site: CourseSite) -> None:
    send(course_site, score())
    course_site.be("amira")
    own = checked_page(course_site.get("/course/1/grades").text)
    assert "Well argued." in own.get_text() and "Bruno" not in own.get_text()
    assert own.select_one("main form") is None


def test_a_student_cannot_change_a_cell(course_site: CourseSite) -> None:
    course_site.be("teresa")
    page = checked_page(course_site.get("/course/1/grades").text)
    token = str(page.find("input", attrs={"name": "csrf_token"})["value"])
    with course_site.client.session_transaction(base_url=course_site.url) as kept:
        kept["person_id"] = int(AMIRA)
    path = f"/course/1/grades/{course_site.item_id}/{AMIRA}"
    assert course_site.post(path, data={"csrf_token": token, "overridden": "10"}).status_code == 403
