"""Notes, the comment bank and a person's own choices: for staff alone, and each for whom they are meant."""

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.grading.desk.bank import bank_comment_for, bank_of, change_comment, keep_comment
from lti_tool.grading.desk.models import BankComment, DeskPreference, Order, PrivateNote
from lti_tool.grading.desk.notes import note_for, write_note
from lti_tool.grading.desk.ordering import in_order
from lti_tool.grading.models import Rubric
from lti_tool.grading.queue import queue_rows
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn, Mark
from tests.grading.test_views import form_of, mark_form

FIRST, SECOND = "teacher", "non_editing_teacher"


def test_a_note_is_for_staff_and_never_released(
    teacher: Browser, student: Browser, enter: Enter, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in()
    path = f"grading/submissions/{work.id}"
    teacher.post(f"{path}/notes", {"note": "Looks copied"})
    marked(work, approved=True)
    assert "Looks copied" in enter(SECOND, ACTIVITY).page(path).get_text()
    assert all("Looks copied" not in student.page(place).get_text() for place in ("grading", path))


def test_a_note_is_deleted_by_its_author_alone(house: House, activity: Placement, handed_in: HandIn) -> None:
    note = write_note(house.session, viewer_of(house, FIRST, ACTIVITY), activity, handed_in().person_id, "Hm")
    assert note_for(house.session, viewer_of(house, FIRST, ACTIVITY), note.id) is note
    with pytest.raises(NotFound):
        note_for(house.session, viewer_of(house, SECOND, ACTIVITY), note.id)


def test_the_page_keeps_and_deletes_a_note(teacher: Browser, house: House, handed_in: HandIn) -> None:
    path = f"grading/submissions/{handed_in().id}/notes"
    teacher.post(path, {"note": "Hm"})
    note = house.session.scalars(select(PrivateNote)).one()
    assert teacher.post(f"{path}/{note.id}/delete", {}).status_code == 303
    assert house.session.scalars(select(PrivateNote)).all() == []
    assert teacher.post(path, {"note": " "}).status_code == 400


def test_a_bank_holds_the_activitys_comments_and_ones_own(house: House, activity: Placement) -> None:
    first, second = viewer_of(house, FIRST, ACTIVITY), viewer_of(house, SECOND, ACTIVITY)
    shared = keep_comment(house.session, first, activity, "Cite it", is_shared=True)
    own = keep_comment(house.session, first, activity, "Mine", is_shared=False)
    assert set(bank_of(house.session, first, activity)) == {shared, own}
    assert list(bank_of(house.session, second, activity)) == [shared]
    change_comment(bank_comment_for(house.session, second, shared.id), "Name the source")
    with pytest.raises(NotFound):
        bank_comment_for(house.session, second, own.id)


@pytest.mark.parametrize("text", ["", " \n", "x" * 1_001, "a\0b"])
def test_a_comment_that_cannot_be_kept_is_refused(house: House, activity: Placement, text: str) -> None:
    with pytest.raises(InvalidInput, match="characters"):
        keep_comment(house.session, viewer_of(house, FIRST, ACTIVITY), activity, text, is_shared=True)


def test_the_bank_is_edited_on_its_page(teacher: Browser, house: House) -> None:
    page = teacher.follow(teacher.post("grading/comments", {"text": "Cite it", "shared": "yes"}))
    comment = house.session.scalars(select(BankComment)).one()
    assert "Cite it" in page.get_text()
    teacher.post(f"grading/comments/{comment.id}", {"text": "Name the source"})
    assert "Name the source" in teacher.page("grading/comments").get_text()
    assert teacher.post(f"grading/comments/{comment.id}", {"text": ""}).status_code == 400
    teacher.post(f"grading/comments/{comment.id}", {"delete": "yes"})
    assert "There are no comments yet." in teacher.page("grading/comments").get_text()


def test_without_scripts_the_form_comes_back_with_the_comment(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    work = handed_in()
    teacher.post("grading/comments", {"text": "Cite it", "shared": "yes"})
    comment = house.session.scalars(select(BankComment)).one()
    sent = mark_form(teacher, work, rubric, feedback="Good.", insert=str(comment.id))
    page = teacher.post(f"grading/submissions/{work.id}/review", sent)
    assert page.status_code == 200 and "Good.\n\nCite it</textarea>" in page.text
    assert page.text.count(" checked") == len(rubric.criteria)


def test_single_keys_can_be_switched_off_by_each_person(teacher: Browser, enter: Enter, handed_in: HandIn) -> None:
    work = handed_in()
    path = f"grading/submissions/{work.id}"
    page = teacher.follow(teacher.post("grading/choices", {"shortcuts": "off", "submission": str(work.id)}))
    assert page.select_one('[data-module="desk"][data-shortcuts="off"]') and "Switch single keys on" in page.get_text()
    assert enter(SECOND, ACTIVITY).page(path).select_one('[data-shortcuts="on"]')


def test_a_choice_leaves_the_others_as_they_are(teacher: Browser, house: House) -> None:
    teacher.post("grading/choices", {"order": "time", "mine": "yes"})
    teacher.post("grading/choices", {"shortcuts": "off"})
    kept = house.session.scalars(select(DeskPreference)).one()
    assert (kept.queue_order, kept.is_mine_only, kept.has_shortcuts) == (Order.TIME, True, False)


def test_the_lot_is_the_same_for_a_marker_and_another_for_each(
    house: House, activity: Placement, handed_in: HandIn
) -> None:
    for name in ("student", "other_student"):
        handed_in(by=name)
    orders = set()
    for name in (FIRST, SECOND, "administrator", *[FIRST] * 3):
        viewer = viewer_of(house, name, ACTIVITY)
        rows = queue_rows(house.session, viewer, activity)
        orders.add((name, tuple(row.person.id for row in in_order(rows, viewer, Order.RANDOM))))
    assert len(orders) == 3


def test_by_time_the_first_to_hand_in_comes_first(house: House, activity: Placement, handed_in: HandIn) -> None:
    works = [handed_in(by=name) for name in ("student", "other_student")]
    viewer = viewer_of(house, FIRST, ACTIVITY)
    rows = in_order(queue_rows(house.session, viewer, activity)[::-1], viewer, Order.TIME)
    assert [row.submission for row in rows if row.submission] == works


@pytest.mark.parametrize("path", ["comments", "choices"])
def test_students_have_no_desk(student: Browser, path: str) -> None:
    assert student.post(f"grading/{path}", {}).status_code == 403


def test_the_form_of_a_mark_is_one_form(teacher: Browser, handed_in: HandIn) -> None:
    page = teacher.page(f"grading/submissions/{handed_in().id}")
    assert set(form_of(page, "/review")) >= {"rubric", "seen", "feedback"}
