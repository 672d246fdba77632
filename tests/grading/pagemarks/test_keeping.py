"""A review keeps the marks that its marker saw; nothing of them changes or reaches a student without an approval."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.desk.moderation import reconcile, save_mark
from lti_tool.grading.desk.releasing import take_back
from lti_tool.grading.models import Review, Rubric, Submission
from lti_tool.grading.pagemarks.keeping import keep, kept_marks, marks_in_work, state_of
from lti_tool.grading.pagemarks.models import KeptPageMark, PageMark
from lti_tool.grading.pagemarks.released import marks_of_review, released_review
from lti_tool.grading.reviewing import latest_review
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import Mark
from tests.grading.desk.test_moderation import filled_form
from tests.grading.pagemarks.conftest import Placed


def review_of(house: House, work: Submission) -> Review:
    review = latest_review(house.session, work)
    assert review is not None
    return review


def shown_to(house: House, activity: Placement, work: Submission) -> int:
    """How many pages with marks the student is shown."""
    viewer: Viewer = viewer_of(house, "student")
    marks = marks_of_review(house.session, released_review(house.session, viewer, activity, work))
    return len(marks.by_page) if marks else 0


def test_a_review_keeps_a_copy_that_later_marks_do_not_touch(
    house: House, paper: Submission, placed: Placed, marked: Mark
) -> None:
    placed(paper, kind="comment", text="Which unit?", page=2)
    marked(paper)
    placed(paper)
    (kept,) = kept_marks(house.session, review_of(house, paper))
    assert (kept.text, kept.page, kept.marker_id) == ("Which unit?", 2, house.teacher.id)


def test_changed_marks_alone_make_a_new_version_of_the_grade_that_nobody_approved(
    house: House, paper: Submission, placed: Placed, marked: Mark
) -> None:
    first = marked(paper, approved=True).version
    assert marked(paper).version == first
    placed(paper)
    assert marked(paper).version == first + 1
    assert len(kept_marks(house.session, review_of(house, paper))) == 1
    assert marked(paper).version == first + 1


def test_the_student_sees_nothing_of_marks_before_the_approval_and_of_held_ones_before_the_release(
    house: House, activity: Placement, paper: Submission, placed: Placed, marked: Mark
) -> None:
    change_marking_options(activity, MarkingOptions(is_held=True))
    placed(paper)
    grade = marked(paper)
    assert shown_to(house, activity, paper) == 0
    approve(house.session, viewer_of(house, "teacher"), grade)
    assert shown_to(house, activity, paper) == 0


def test_the_student_sees_the_approved_marks_and_not_those_put_there_since(
    house: House, activity: Placement, paper: Submission, placed: Placed, marked: Mark
) -> None:
    placed(paper, page=1)
    marked(paper, approved=True)
    placed(paper, page=2)
    marked(paper)
    assert shown_to(house, activity, paper) == 1


def test_the_table_changes_no_kept_mark_and_adds_none_to_an_approved_review(
    house: House, paper: Submission, placed: Placed, marked: Mark
) -> None:
    mark = placed(paper)
    marked(paper, approved=True)
    with pytest.raises(DBAPIError, match="never changed"), house.session.begin_nested():
        house.session.execute(update(KeptPageMark).values(text="other"))
    with pytest.raises(DBAPIError, match="takes no more marks"), house.session.begin_nested():
        keep(house.session, review_of(house, paper), [mark])


def test_marks_that_the_form_has_not_shown_are_not_saved_with_it(
    house: House, activity: Placement, paper: Submission, rubric: Rubric, placed: Placed
) -> None:
    seen = state_of(marks_in_work(house.session, paper))
    placed(paper, by="non_editing_teacher")
    form = filled_form(rubric, "3", "5")
    form = type(form)(**{**vars(form), "marks_seen": seen})
    with pytest.raises(InvalidInput, match="marks on the pages were changed"):
        reconcile(house.session, viewer_of(house, "teacher"), activity, paper, form)


def test_an_undone_approval_leaves_the_marks_in_the_draft(
    house: House, activity: Placement, paper: Submission, placed: Placed, marked: Mark
) -> None:
    change_marking_options(activity, MarkingOptions(is_held=True))
    placed(paper)
    grade = marked(paper, approved=True)
    take_back(house.session, viewer_of(house, "teacher"), activity, grade.id, grade.version)
    assert len(kept_marks(house.session, review_of(house, paper))) == 1
    assert marked(paper).version == grade.version


def test_what_two_markers_put_on_the_pages_is_shared_when_both_are_in_and_sealed_then(
    house: House, activity: Placement, paper: Submission, rubric: Rubric, placed: Placed
) -> None:
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    names = ("teacher", "non_editing_teacher")
    own = [placed(paper, by=name, page=page) for page, name in enumerate(names, start=1)]
    for name in names:
        assert marks_in_work(house.session, paper) == []
        save_mark(house.session, viewer_of(house, name), activity, paper, filled_form(rubric, "3", "5"))
    assert [mark.marker_id for mark in marks_in_work(house.session, paper)] == [mark.marker_id for mark in own]
    with pytest.raises(DBAPIError, match="both marks are in"), house.session.begin_nested():
        house.session.execute(update(PageMark).where(PageMark.id == own[0].id).values(text="later"))
    reconcile(house.session, viewer_of(house, "teacher"), activity, paper, filled_form(rubric, "3", "5"))
    assert len(house.session.scalars(select(KeptPageMark)).all()) == 2
