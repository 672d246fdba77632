"""Marks are placed, changed and deleted by who marks, in one place, without losing anybody's change."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.pagemarks import placing
from lti_tool.grading.pagemarks.fields import read_mark
from lti_tool.grading.pagemarks.keeping import marks_in_work
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.pagemarks.placing import change_mark, delete_mark
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn
from tests.grading.pagemarks.conftest import Placed, mark_fields


def changed(house: House, activity: Placement, mark: PageMark, work: Submission, seen: int, **fields: Any) -> PageMark:
    given = read_mark(mark_fields(**fields))
    return change_mark(house.session, viewer_of(house, "teacher"), activity, work, mark.id, given, seen=seen)


def test_a_mark_sent_twice_is_there_once(house: House, paper: Submission, placed: Placed) -> None:
    key = str(uuid4())
    assert placed(paper, key=key).id == placed(paper, key=key).id
    assert len(marks_in_work(house.session, paper)) == 1


def test_marks_stand_in_the_order_of_the_pages(house: House, paper: Submission, placed: Placed) -> None:
    last, first = placed(paper, page=3), placed(paper, page=1, y="0.1")
    assert list(marks_in_work(house.session, paper)) == [first, last]


@pytest.mark.parametrize("place", [{"page": 4}, {"page": 0}, {"file": 2, "page": 2}])
def test_only_pages_that_are_there_can_be_marked(paper: Submission, placed: Placed, place: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="no page"):
        placed(paper, **place)


def test_a_text_file_has_no_pages_to_mark(handed_in: HandIn, placed: Placed) -> None:
    with pytest.raises(InvalidInput, match="no page"):
        placed(handed_in(notes__txt=b"words"))


def test_a_mark_belongs_to_a_criterion_of_the_rubric_or_none(paper: Submission, rubric: Rubric, placed: Placed) -> None:
    assert placed(paper, criterion=rubric.criteria[0].id).criterion_id == rubric.criteria[0].id
    with pytest.raises(InvalidInput, match="rubric was changed"):
        placed(paper, criterion=999_999)


def test_a_change_of_what_somebody_else_changed_is_refused_and_repeated_ones_are_not(
    house: House, activity: Placement, paper: Submission, placed: Placed
) -> None:
    mark = placed(paper)
    assert changed(house, activity, mark, paper, 1, x="0.7").version == 2
    assert changed(house, activity, mark, paper, 1, x="0.7").version == 2
    with pytest.raises(InvalidInput, match="Somebody else has changed this mark"):
        changed(house, activity, mark, paper, 1, x="0.9")


def test_a_deleted_mark_stays_deleted_and_cannot_be_changed(
    house: House, activity: Placement, paper: Submission, placed: Placed
) -> None:
    mark, teacher = placed(paper), viewer_of(house, "teacher")
    for _ in range(2):
        delete_mark(house.session, teacher, activity, paper, mark.id)
    assert marks_in_work(house.session, paper) == []
    with pytest.raises(NotFound):
        changed(house, activity, mark, paper, 1)


def test_a_mark_of_another_work_is_not_found(
    house: House, activity: Placement, paper: Submission, handed_in: HandIn, placed: Placed
) -> None:
    other = handed_in(by="other_student", sketch__png=samples.picture())
    mark = placed(other)
    with pytest.raises(NotFound):
        changed(house, activity, mark, paper, 1, x="0.9")


def test_neither_students_nor_the_marked_person_mark_pages(paper: Submission, placed: Placed) -> None:
    for name in ("student", "other_student"):
        with pytest.raises(NotAllowed):
            placed(paper, by=name)


def test_an_attempt_that_was_replaced_takes_no_marks(paper: Submission, handed_in: HandIn, placed: Placed) -> None:
    handed_in()
    with pytest.raises(InvalidInput, match="handed in again"):
        placed(paper)


def test_a_work_takes_so_many_marks_and_no_more(
    paper: Submission, placed: Placed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MOST_MARKS", 1)
    placed(paper)
    with pytest.raises(InvalidInput, match="at most 1 marks"):
        placed(paper)


def test_everybody_who_marks_there_works_with_the_same_marks(house: House, paper: Submission, placed: Placed) -> None:
    placed(paper)
    placed(paper, by="non_editing_teacher")
    assert len(marks_in_work(house.session, paper)) == 2


def test_two_markers_each_have_their_own_marks(
    house: House, activity: Placement, paper: Submission, placed: Placed
) -> None:
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    first, second = placed(paper), placed(paper, by="non_editing_teacher")
    assert list(marks_in_work(house.session, paper, first.marker_id)) == [first]
    assert list(marks_in_work(house.session, paper, second.marker_id)) == [second]
    assert marks_in_work(house.session, paper) == []
    with pytest.raises(NotFound):
        changed(house, activity, second, paper, 1, x="0.9")


@pytest.mark.parametrize(
    "values",
    [{"x": 1.2}, {"page": 0}, {"kind": "stamp"}, {"kind": "box"}, {"kind": "tick", "width": 0.1, "height": 0.1}],
)
def test_the_table_takes_no_mark_that_cannot_be(house: House, paper: Submission, values: dict[str, object]) -> None:
    row = {"file_number": 1, "page": 1, "kind": "tick", "x": 0.5, "y": 0.5, "text": "", "version": 1, "client_key": "k"}
    row |= {"id": uuid4(), "submission_id": paper.id, "marker_id": house.teacher.id}
    with pytest.raises(DBAPIError, match="ck_page_mark"), house.session.begin_nested():
        house.session.execute(insert(PageMark).values({**row, **values}))
    assert house.session.scalars(select(PageMark)).all() == []
