"""Whose points stand beside whose."""

from decimal import Decimal

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.pairs import all_pairs, blind_pairs, human_pairs
from lti_tool.grading.desk.models import IndependentMark, IndependentTick
from lti_tool.grading.models import Rubric
from tests.fixtures.people import House
from tests.grading.agreement.conftest import Draw, Propose
from tests.grading.conftest import Classroom, Mark


def test_two_markers_are_compared_once_both_marks_are_in(
    house: House, activity: Placement, classroom: Classroom, rubric: Rubric
) -> None:
    both, one = classroom("one", "two")
    clarity = rubric.criteria[0]
    for work, name, points in ((both, "teacher", 3), (both, "non_editing_teacher", 1), (one, "teacher", 4)):
        mark = IndependentMark(
            submission_id=work.id,
            marker_id=house.people[name].id,
            version=1,
            rubric_id=rubric.id,
            points=Decimal(points),
            feedback="",
            ticks=[IndependentTick(criterion_id=clarity.id, points=Decimal(points))],
        )
        house.session.add(mark)
        house.session.flush()
    (pair,) = human_pairs(house.session, activity)
    assert (pair.submission_id, pair.total, pair.criteria) == (both.id, (3, 1), {clarity.id: (3, 1)})


def test_the_blind_grade_of_a_paper_stays_what_it_was(
    house: House, activity: Placement, classroom: Classroom, marked: Mark, proposed: Propose, drawn: Draw
) -> None:
    sampled, other = classroom("one", "two")
    drawn(sampled)
    for work in (sampled, other):
        proposed(work, clarity=4, reasons=6)
        marked(work, clarity="1", reasons="2", approved=True)
        marked(work, clarity="4", reasons="6", approved=True)
    assert [pair.total for pair in blind_pairs(house.session, activity)] == [(10, 3)]
    assert sorted(pair.total for pair in all_pairs(house.session, activity)) == [(10, 3), (10, 10)]
