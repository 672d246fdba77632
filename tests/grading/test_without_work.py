"""A student who handed in nothing can be graded from the desk, by staff alone, and never over work that arrived."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.models import Approval, Grade, Push
from lti_tool.grading.without_work import PlainMarks, grade_without_work
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn


def marks(house: House, **changes: Any) -> PlainMarks:
    values = {"person_id": house.student.id, "points": Decimal(4), "comment": "Oral answer", "seen": 0}
    return PlainMarks(**{**values, **changes})


def give(house: House, activity: Placement, by: str = "teacher", **changes: Any) -> Grade:
    return grade_without_work(house.session, viewer_of(house, by), activity, marks(house, **changes))


def test_the_desk_lists_who_handed_in_nothing_and_takes_a_grade(
    enter: Enter, house: House, activity: Placement
) -> None:
    teacher: Browser = enter("teacher", ACTIVITY)
    page = teacher.page(f"grading?student={house.student.id}")
    form = page.find("form", action=lambda value: value is not None and value.endswith("/without-work"))
    sent = {field["name"]: field["value"] for field in form.find_all("input", type="hidden")}  # type: ignore[union-attr]
    assert "Nothing handed in" in page.text and "No submission: grade for" in page.text
    page = teacher.follow(teacher.post("grading/without-work", sent | {"points": "4,5", "approve": "yes"}))
    assert "Approved: the grade is on its way." in page.text and "4.5 / 10" in page.text
    approval = house.session.scalars(select(Approval)).one()
    assert (approval.person_id, house.session.scalars(select(Push)).one().grade_id) == (
        house.student.id,
        approval.grade_id,
    )


def test_a_refused_grade_keeps_what_was_typed(enter: Enter, house: House, activity: Placement) -> None:
    teacher: Browser = enter("teacher", ACTIVITY)
    answer = teacher.post("grading/without-work", {"student": house.student.id, "points": "11", "feedback": "Words"})
    assert answer.status_code == 400 and "from 0 to 10" in answer.text and "Words" in answer.text
    assert house.session.scalar(select(Grade)) is None


def test_work_that_arrived_meanwhile_is_marked_instead(house: House, activity: Placement, handed_in: HandIn) -> None:
    handed_in()
    with pytest.raises(InvalidInput, match="submission_arrived"):
        give(house, activity)


def test_nobody_writes_over_a_grade_they_have_not_seen(house: House, activity: Placement) -> None:
    first = give(house, activity)
    assert give(house, activity).version == 1
    with pytest.raises(InvalidInput, match="grade_changed"):
        give(house, activity, points=Decimal(5))
    assert give(house, activity, points=Decimal(5), seen=first.version).version == 2


def test_students_and_outsiders_grade_nobody(house: House, activity: Placement, enter: Enter) -> None:
    with pytest.raises(NotAllowed):
        give(house, activity, by="student")
    with pytest.raises(NotFound):
        give(house, activity, person_id=house.people["outsider"].id)
    assert enter("student", ACTIVITY).post("grading/without-work", {"student": house.student.id}).status_code == 403
