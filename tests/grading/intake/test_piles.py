"""A pile of work: looked at, then taken as a whole."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.grading.intake.models import WorkUpload
from lti_tool.grading.intake.piles import Pile, look_at
from lti_tool.grading.intake.taking import take
from lti_tool.grading.intake.uploads import keep_upload
from lti_tool.grading.models import Submission
from lti_tool.grading.rules import HandInRules, Lateness, change_rules
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn, Mark


@pytest.fixture
def grader(enter: Enter, activity: Placement) -> Browser:
    return enter("non_editing_teacher", ACTIVITY)


def sent(grader: Browser, content: bytes, name: str = "pile.zip") -> TestResponse:
    return grader.post("grading/intake/pile", {"pile": (io.BytesIO(content), name)})


def looked_at(grader: Browser, house: House, **members: bytes) -> tuple[str, Any]:
    """The preview's address and page."""
    page = grader.follow(sent(grader, samples.archive(**members)))
    upload = house.session.scalars(select(WorkUpload)).one()
    return f"grading/intake/piles/{upload.id}", page


def work_of(house: House) -> list[Submission]:
    return list(house.session.scalars(select(Submission).order_by(Submission.person_id, Submission.attempt)))


def test_nothing_is_taken_before_somebody_says_so(grader: Browser, house: House) -> None:
    address, page = looked_at(grader, house, **{f"{house.student.name}/a.txt": b"Mine", "Nobody/b.txt": b"x"})
    text = page.get_text(" ", strip=True)
    assert "1 of 2 can be taken" in text and "No student of this course is called so" in text
    assert work_of(house) == []
    grader.follow(grader.post(address, {"do": "take"}))
    (made,) = work_of(house)
    assert (made.person_id, made.state, [file.file.name for file in made.files]) == (
        house.student.id,
        "submitted",
        ["a.txt"],
    )


def test_taken_twice_it_is_stored_once(grader: Browser, house: House) -> None:
    address, _ = looked_at(grader, house, **{f"{house.student.name}/a.txt": b"Mine"})
    for _ in range(2):
        grader.post(address, {"do": "take"})
    assert len(work_of(house)) == 1
    assert "taken already" in grader.page(address).get_text()


def test_who_is_meant_can_be_chosen(grader: Browser, house: House) -> None:
    address, _ = looked_at(grader, house, **{"Nobody/b.txt": b"x"})
    chosen = {"person-0": str(house.student.id)}
    assert "1 of 1 can be taken" in grader.post(address, {**chosen, "do": "look"}).text
    grader.post(address, {**chosen, "do": "take"})
    assert [made.person_id for made in work_of(house)] == [house.student.id]


def test_a_student_of_another_course_cannot_be_chosen(grader: Browser, house: House) -> None:
    address, _ = looked_at(grader, house, **{"Nobody/b.txt": b"x"})
    answer = grader.post(address, {"person-0": str(house.people["outsider"].id), "do": "take"})
    assert answer.status_code == 400 and work_of(house) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.txt", b"\0\0\0", "not a kind of file"), ("a.pdf", b"no PDF", "is named like PDF"), ("a.txt", b"", "is empty")],
)
def test_a_file_that_a_student_could_not_send_is_refused_with_the_reason(
    grader: Browser, house: House, name: str, content: bytes, words: str
) -> None:
    address, page = looked_at(grader, house, **{f"{house.student.name}/{name}": content})
    assert words in page.get_text()
    assert grader.post(address, {"do": "take"}).status_code == 400
    assert work_of(house) == []


def test_a_graded_student_and_a_second_work_of_one_are_refused(
    grader: Browser, house: House, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    other = house.people["other_student"]
    members = {f"{house.student.name}/a.txt": b"x", f"{other.email}.txt": b"y", f"{other.name}/c.txt": b"z"}
    _, page = looked_at(grader, house, **members)
    text = page.get_text()
    assert "approved already" in text and "already this student" in text


def test_a_second_work_is_the_next_attempt(grader: Browser, house: House, handed_in: HandIn) -> None:
    handed_in()
    address, page = looked_at(grader, house, **{f"{house.student.name}/a.txt": b"x"})
    assert "Will be attempt 2" in page.get_text()
    grader.post(address, {"do": "take"})
    assert [made.attempt for made in work_of(house)] == [1, 2]


def test_a_table_of_texts_is_taken_by_email_and_name(grader: Browser, house: House) -> None:
    table = f'email,text\n{house.student.email.upper()},"A\nB"\n'.encode()
    page = grader.follow(sent(grader, table, "texts.csv"))
    assert "1 of 1 can be taken" in page.get_text()
    upload = house.session.scalars(select(WorkUpload)).one()
    grader.post(f"grading/intake/piles/{upload.id}", {"do": "take"})
    assert [made.text for made in work_of(house)] == ["A\nB"]


def test_a_file_that_is_no_pile_is_not_kept(grader: Browser, house: House) -> None:
    for content, words in ((b"PK\x03\x04", "damaged"), (b"hello", "first row"), (b"", "at most 60 MB")):
        response = sent(grader, content)
        assert response.status_code == 400 and words in response.text
    assert grader.post("grading/intake/pile", {}).status_code == 400
    assert house.session.scalars(select(WorkUpload)).all() == []


def test_a_new_pile_replaces_one_that_nobody_took(grader: Browser, house: House) -> None:
    for _ in range(2):
        looked_at(grader, house, **{"Nobody/b.txt": b"x"})


def test_a_pile_of_a_colleague_stays(grader: Browser, teacher: Browser, house: House) -> None:
    address, _ = looked_at(grader, house, **{f"{house.student.name}/a.txt": b"Mine"})
    sent(teacher, samples.archive(**{"Nobody/b.txt": b"x"}))
    assert "1 work was taken" in grader.follow(grader.post(address, {"do": "take"})).get_text()


def pile_of(house: House, activity: Placement, store: FileStore, **members: bytes) -> Pile:
    viewer = viewer_of(house, "teacher")
    stream = io.BytesIO(samples.archive(**members))
    upload = keep_upload(house.session, viewer, activity, stream, "pile.zip", store, 10**6)
    return look_at(house.session, viewer, activity, upload, store, {}, 10**6)


def test_a_grade_that_was_approved_meanwhile_stops_the_whole(
    house: House, activity: Placement, store: FileStore, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in()
    pile = pile_of(house, activity, store, **{f"{house.student.name}/a.txt": b"Mine"})
    marked(work, approved=True)
    with pytest.raises(InvalidInput, match="approved a grade meanwhile"):
        take(house.session, viewer_of(house, "teacher"), activity, pile, store, 10**6)


def test_people_are_locked_in_the_same_order_whatever_the_pile_s(
    house: House, activity: Placement, store: FileStore
) -> None:
    first, second = house.student, house.people["other_student"]
    pile = pile_of(house, activity, store, **{f"{second.name}/a.txt": b"a", f"{first.name}/b.txt": b"b"})
    locks: list[str] = []

    def note(_conn: object, _cursor: object, sql: str, given: dict[str, str], *_: object) -> None:
        if "pg_advisory_xact_lock" in sql and "work" in given:
            locks.append(given["work"].rpartition(":")[2])

    connection = house.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    take(house.session, viewer_of(house, "teacher"), activity, pile, store, 10**6)
    event.remove(connection, "before_cursor_execute", note)
    assert locks[:2] == [str(first.id), str(second.id)]


def test_students_upload_no_piles(student: Browser) -> None:
    assert student.get("grading/intake/pile").status_code == 403
    assert student.post("grading/intake/pile", {}).status_code == 403


def test_the_marker_sees_what_lateness_suggests(
    enter: Enter, house: House, activity: Placement, handed_in: HandIn
) -> None:
    activity.due_at = now() - timedelta(hours=30)
    change_rules(activity, HandInRules(lateness=Lateness.PERCENT, percent_per_day=5))
    made = handed_in()
    page = enter("teacher", ACTIVITY).page(f"grading/submissions/{made.id}").get_text()
    assert "2 days late." in page and "suggests 10 % less" in page
