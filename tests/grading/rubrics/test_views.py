"""The editor and what stands around it, as forms without scripts."""

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Rubric
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.versions import rubric_of, save_rubric, versions_of
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY


def fields_of(page: BeautifulSoup) -> dict[str, Any]:
    """What a browser without scripts would send of the editor, besides the button."""
    form = page.select_one('form[data-module="rubric-editor"]')
    assert form is not None
    sent = {
        str(field["name"]): field.get("value", "")
        for field in form.find_all("input")
        if field.get("type") != "radio" or field.has_attr("checked")
    }
    return sent | {str(field["name"]): field.text.removeprefix("\n") for field in form.find_all("textarea")}


def parsed(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def test_a_teacher_writes_the_first_rubric_with_buttons_alone(enter: Enter, house: House) -> None:
    teacher = enter("teacher", ACTIVITY)
    assert "Add a rubric" in teacher.page("grading").get_text()
    sent = fields_of(teacher.page("grading/rubric")) | {"c0-title": "Clarity", "c0-markers": "Once only"}
    longer = fields_of(parsed(teacher.post("grading/rubric", sent | {"do": "add"})))
    assert longer["c0-title"] == "Clarity" and longer["c1-title"] == ""
    shorter = fields_of(parsed(teacher.post("grading/rubric", longer | {"do": "c1-remove"})))
    page = teacher.follow(teacher.post("grading/rubric", shorter | {"do": "save"}))
    assert "version 1" in page.get_text() and "Once only" in page.get_text()
    assert "Once only" not in enter("student", ACTIVITY).page("grading").get_text()


def test_no_button_but_save_makes_a_version(
    teacher: Browser, house: House, activity: Placement, rubric: Rubric
) -> None:
    teacher.post("grading/rubric", fields_of(teacher.page("grading/rubric")) | {"do": "c0-remove"})
    assert [one.version for one in versions_of(house.session, activity)] == [1]


def test_what_is_wrong_is_marked_and_nothing_typed_is_lost(teacher: Browser, rubric: Rubric) -> None:
    sent = fields_of(teacher.page("grading/rubric")) | {"c1-title": "", "c0-title": "Kept", "do": "save"}
    response = teacher.post("grading/rubric", sent)
    page = parsed(response)
    assert response.status_code == 400
    assert [field["id"] for field in page.select("[aria-invalid=true]")] == ["c1-title"]
    assert fields_of(page)["c0-title"] == "Kept"


def test_who_edits_beside_somebody_else_is_told(
    teacher: Browser, house: House, activity: Placement, rubric: Rubric
) -> None:
    sent = fields_of(teacher.page("grading/rubric")) | {"c0-title": "Mine", "do": "save"}
    save_rubric(house.session, viewer_of(house, "teacher"), activity, read_lines("Theirs: 10"))
    response = teacher.post("grading/rubric", sent)
    assert response.status_code == 400 and "version 2" in response.text
    assert (
        "version 3" in teacher.follow(teacher.post("grading/rubric", fields_of(parsed(response)) | {"do": "save"})).text
    )


def test_the_kind_is_changed_by_a_button(teacher: Browser, rubric: Rubric) -> None:
    sent = fields_of(teacher.page("grading/rubric")) | {"kind": "guide", "do": "kind"}
    page = parsed(teacher.post("grading/rubric", sent))
    assert page.select_one("#c0-points")["value"] == "4"  # type: ignore[index]
    assert not page.select("[data-part=level-points]")


def test_a_total_that_is_not_the_activitys_is_explained(teacher: Browser, rubric: Rubric) -> None:
    scaled = teacher.page("grading/rubric").select_one("[data-part=scaled]")
    assert scaled is not None and scaled.has_attr("hidden")
    sent = fields_of(teacher.page("grading/rubric")) | {"do": "c0-remove"}
    assert not parsed(teacher.post("grading/rubric", sent)).select_one("[data-part=scaled]").has_attr("hidden")  # type: ignore[union-attr]


def test_versions_are_listed_compared_and_started_from(
    teacher: Browser, house: House, activity: Placement, rubric: Rubric
) -> None:
    save_rubric(house.session, viewer_of(house, "teacher"), activity, read_lines("Clarity: no 0 | yes 5\nStyle: 5"))
    assert len(teacher.page("grading/rubric/versions").select("tbody tr")) == 2
    changes = teacher.page("grading/rubric/versions/2").select("table")[1].get_text(" ", strip=True)
    assert "no 0 | yes 5" in changes and "Style New" in changes and "Reasons Removed" in changes
    assert fields_of(teacher.page("grading/rubric?from=1"))["c1-title"] == "Reasons"
    assert teacher.get("grading/rubric/versions/3").status_code == 404


def test_a_version_is_downloaded_and_read_again(teacher: Browser, rubric: Rubric) -> None:
    for ending in ("csv", "json"):
        answer = teacher.get(f"grading/rubric/versions/1.{ending}")
        assert "attachment" in answer.headers["Content-Disposition"]
        file = (io.BytesIO(answer.data), f"rubric.{ending}")
        sent = fields_of(parsed(teacher.post("grading/rubric/sources", {"file": file})))
        assert (sent["c0-title"], sent["c1-l4-points"], sent["kind"]) == ("Clarity", "6", "levels")


def test_a_pasted_table_opens_in_the_editor_and_saves_nothing(
    teacher: Browser, house: House, activity: Placement
) -> None:
    page = parsed(teacher.post("grading/rubric/sources", {"text": "Criterion\tGood\tBad\nStyle\tx\ty"}))
    assert "They were made" in page.get_text() or "they were made" in page.get_text()
    assert fields_of(page)["c0-title"] == "Style"
    assert rubric_of(house.session, activity).version == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sent", "words"),
    [({"text": ""}, "Paste a rubric"), ({"file": (io.BytesIO(b"%PDF-1.7 x"), "a.pdf")}, "a.pdf")],
)
def test_what_cannot_be_read_says_why(teacher: Browser, sent: dict[str, Any], words: str) -> None:
    response = teacher.post("grading/rubric/sources", sent)
    assert response.status_code == 400 and words in response.text


def test_a_rubric_of_another_activity_of_the_course_is_taken_over(
    teacher: Browser, house: House, activity: Placement
) -> None:
    other = Placement(
        course_id=activity.course_id,
        kind=ACTIVITY,
        title="First essay",
        points=3,
        options={"rubric": [{"title": "Old", "points": 3}]},
    )
    house.session.add(other)
    house.session.flush()
    link = teacher.page("grading/rubric/sources").find("a", string="First essay")
    assert link is not None
    assert fields_of(teacher.page(f"grading/rubric?copy={other.id}"))["c0-title"] == "Old"


@pytest.mark.parametrize("name", ["other", "itself", "nonsense"])
def test_nothing_else_is_taken_over(teacher: Browser, house: House, activity: Placement, name: str) -> None:
    foreign = Placement(
        course_id=house.other_course.id,
        kind=ACTIVITY,
        title="X",
        points=3,
        options={"rubric": [{"title": "Old", "points": 3}]},
    )
    house.session.add(foreign)
    house.session.flush()
    address = {"other": foreign.id, "itself": activity.id, "nonsense": "x"}[name]
    assert teacher.get(f"grading/rubric?copy={address}").status_code == 404


def test_without_a_model_the_page_says_so(teacher: Browser, activity: Placement) -> None:
    assert "switched off" in teacher.page("grading/rubric/sources").get_text()
    response = teacher.post("grading/rubric/sources/proposal", {})
    assert response.status_code == 400 and "text of the task first" in response.text
