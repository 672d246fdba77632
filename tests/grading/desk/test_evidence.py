"""A quotation must stand in the work word for word; the student sees it marked in their own text."""

import pytest
from sqlalchemy import select

from lti_tool.gradebook.models import Approval, Grade
from lti_tool.grading.marking_form import read_marking
from lti_tool.grading.models import Rubric
from tests.fixtures.people import Browser, House
from tests.grading.conftest import HandIn
from tests.grading.test_views import mark_form

ESSAY = "The median is robust. The mean follows the rich."


def test_quotations_are_read_one_a_line() -> None:
    marking = read_marking({"evidence-7": "“The median”\r\n\r\n  is   robust \n"})
    assert list(marking.ticks[7].evidence) == ["The median", "is robust"]


def test_a_quotation_goes_with_the_grade_and_is_marked_in_the_students_text(
    teacher: Browser, student: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    work, reasons = handed_in(ESSAY), rubric.criteria[1]
    quoted = {f"evidence-{reasons.id}": "“median is robust”"}
    teacher.post(f"grading/submissions/{work.id}/review", mark_form(teacher, work, rubric, approve="yes", **quoted))
    assert "“median is robust”" in house.session.scalars(select(Approval)).one().comment
    marks = student.page("grading").select("mark.evidence-marker")
    assert [mark.get_text(" ", strip=True) for mark in marks] == ["median is robust Evidence for criterion 2"]


def test_other_evidence_is_another_version_of_the_grade(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    work = handed_in(ESSAY)
    for quote in ("The median", "The mean"):
        sent = mark_form(teacher, work, rubric, **{f"evidence-{rubric.criteria[0].id}": quote})
        teacher.post(f"grading/submissions/{work.id}/review", sent)
    assert house.session.scalars(select(Grade.version)).one() == 2


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("The mode is robust", "does not stand in the work"),
        ("\n".join(["The median"] * 11), "at most 10"),
        ("T" * 501, ""),
    ],
)
def test_a_quotation_that_cannot_be_kept_comes_back(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn, quote: str, why: str
) -> None:
    work = handed_in(ESSAY)
    sent = mark_form(teacher, work, rubric, **{f"evidence-{rubric.criteria[0].id}": quote})
    response = teacher.post(f"grading/submissions/{work.id}/review", sent)
    assert response.status_code == 400 and why in response.text and quote.split("\n")[0] in response.text
    assert not house.session.scalars(select(Grade)).all()
