"""The page "Grades and pushes": what a teacher sees and does, and what nobody else may."""

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import PlacementKind
from lti_tool.db import now
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.looks import note_look
from lti_tool.gradebook.models import Approval, Grade, Push, PushStatus
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.services import Canned, FakeServices
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of

ACTIVITY = PlacementKind.ACTIVITY


@pytest.fixture
def unopened(connected: House) -> Grade:
    """A draft of 7.5 for the student."""
    return record_grade(
        connected.session,
        viewer_of(connected, "teacher"),
        placement_id=connected.placements[ACTIVITY].id,
        person_id=connected.student.id,
        points=Decimal("7.5"),
        comment="Good <b>work</b>",
    )


@pytest.fixture
def grade(connected: House, unopened: Grade) -> Grade:
    """The same, and somebody has had it before them."""
    note_look(connected.session, viewer_of(connected, "teacher"), unopened)
    return unopened


@pytest.fixture
def teacher(enter: Enter, connected: House) -> Browser:
    return enter("teacher", ACTIVITY)


def form(house: House, **values: str) -> dict[str, str]:
    return {"placement": str(house.placements[ACTIVITY].id)} | values


def put(house: House, **values: object) -> None:
    """Approve the student's grade and bring its push into a state."""
    grade = house.session.scalars(select(Grade)).one()
    approve(house.session, viewer_of(house, "teacher"), grade)
    house.session.execute(update(Push).values(**values))


def row_of(browser: Browser, name: str) -> str:
    page = browser.page("grades/")
    rows = [row for row in page.find_all("tr") if row.th and row.th.get_text(strip=True) == name]
    return " ".join(rows[0].get_text(" ", strip=True).split())


def test_a_draft_is_shown_with_its_comment_and_can_be_approved(teacher: Browser, grade: Grade) -> None:
    shown = row_of(teacher, "Student Canary")
    assert "7.5 / 10" in shown and "Good <b>work</b>" in shown and "Draft, not approved" in shown
    assert teacher.page("grades/").find("input", {"value": f"{grade.id}:1"})


def test_a_student_without_a_grade_is_in_the_table(teacher: Browser, grade: Grade) -> None:
    assert "No grade" in row_of(teacher, "Other Student Canary")


def test_staff_are_not_in_the_table(teacher: Browser, grade: Grade) -> None:
    assert "Teacher Canary" not in teacher.get("grades/").text


def test_approving_queues_the_push(teacher: Browser, grade: Grade, connected: House) -> None:
    response = teacher.post("grades/approve", form(connected, grade=f"{grade.id}:1"))
    assert "1 grade approved." in teacher.follow(response).get_text()
    assert connected.session.scalars(select(Push.status)).one() == PushStatus.TODO
    assert "Approved, waiting to be sent" in row_of(teacher, "Student Canary")


def test_a_grade_that_nobody_opened_is_not_approved(teacher: Browser, unopened: Grade, connected: House) -> None:
    assert "Open the work first" in row_of(teacher, "Student Canary")
    answer = teacher.post("grades/approve", form(connected, grade=f"{unopened.id}:1"))
    assert answer.status_code == 400 and "Nobody has opened this work" in answer.text
    assert connected.session.scalars(select(Approval)).all() == []


def test_a_grade_changed_meanwhile_is_not_approved(teacher: Browser, grade: Grade, connected: House) -> None:
    assert teacher.post("grades/approve", form(connected, grade=f"{grade.id}:2")).status_code == 400
    assert connected.session.scalars(select(Approval)).all() == []


@pytest.mark.parametrize("value", ["", "x:1", "1:x", "1", "9" * 30 + ":1"])
def test_nonsense_is_refused(teacher: Browser, connected: House, value: str) -> None:
    assert teacher.post("grades/approve", form(connected, grade=value)).status_code == 400


def test_approving_nothing_says_so(teacher: Browser, connected: House) -> None:
    assert teacher.post("grades/approve", form(connected)).status_code == 400


@pytest.mark.parametrize(
    "values, words",
    [
        ({"status": "todo"}, "Approved, waiting to be sent"),
        ({"status": "todo", "reason": "feature_off"}, "Sending grades is switched off"),
        ({"status": "failed", "reason": "locked"}, "Unlock it there"),
        ({"status": "failed", "reason": "strange"}, "the word “strange”"),
        ({"status": "succeeded", "sent_version": 1, "sent_at": now()}, "Sent"),
        ({"status": "overridden", "sent_version": 1, "sent_at": now()}, "the gradebook shows another"),
    ],
)
def test_each_state_has_words(
    teacher: Browser, grade: Grade, connected: House, values: dict[str, object], words: str
) -> None:
    put(connected, **values)
    assert words in row_of(teacher, "Student Canary")


def test_what_the_platform_shows_is_shown(teacher: Browser, grade: Grade, connected: House) -> None:
    sent = {"status": "overridden", "sent_version": 1, "sent_at": now()}
    put(connected, **sent, result_score=4, result_maximum=10, result_read_at=now())
    assert "4 / 10" in row_of(teacher, "Student Canary")


def test_a_change_after_approval_shows_both(teacher: Browser, grade: Grade, connected: House) -> None:
    put(connected, status="todo")
    record_grade(
        connected.session,
        viewer_of(connected, "teacher"),
        placement_id=grade.placement_id,
        person_id=grade.person_id,
        points=Decimal(9),
        comment="",
    )
    shown = row_of(teacher, "Student Canary")
    assert "9 / 10" in shown and "Approved: 7.5 / 10" in shown and "Changed since it was approved" in shown


def test_one_failed_grade_is_sent_again(teacher: Browser, grade: Grade, connected: House) -> None:
    put(connected, status="failed", reason="locked")
    teacher.post("grades/resend", form(connected, grade=str(grade.id)))
    assert connected.session.scalars(select(Push.status)).one() == PushStatus.TODO


def test_all_failed_grades_are_sent_again(teacher: Browser, grade: Grade, connected: House) -> None:
    put(connected, status="failed", reason="locked")
    assert "1 grade will be sent again" in teacher.follow(teacher.post("grades/resend", form(connected))).get_text()
    assert connected.session.scalars(select(Push.status)).one() == PushStatus.TODO


def test_asking_the_platform_queues_a_reading(teacher: Browser, grade: Grade, connected: House) -> None:
    put(connected, status="succeeded", sent_version=1, sent_at=now())
    teacher.post("grades/check", form(connected))
    assert connected.session.scalars(select(Push.is_result_due)).one()


def test_a_working_connection_says_which_column(teacher: Browser, connected: House, moodle: FakeServices) -> None:
    moodle.items[0]["label"] = "The column"
    text = teacher.follow(teacher.post("grades/test", form(connected))).get_text()
    assert "The connection works: the column “The column” takes up to 10 points." in text


@pytest.mark.parametrize(
    "method, name, words",
    [("POST", "token", "does not accept the tool's key"), ("GET", "lineitem", "does not let the tool use this column")],
)
def test_a_broken_connection_says_what_is_wrong(
    teacher: Browser, connected: House, moodle: FakeServices, method: str, name: str, words: str
) -> None:
    moodle.answer_next(method, name, Canned(400))
    assert words in teacher.follow(teacher.post("grades/test", form(connected))).get_text()


def test_testing_the_connection_calls_nobody_while_it_is_switched_off(
    teacher: Browser, connected: House, moodle: FakeServices
) -> None:
    write(connected.session, ENABLED, False)
    assert "switched off" in teacher.follow(teacher.post("grades/test", form(connected))).get_text()
    assert not moodle.requests


def test_a_missing_column_can_be_made(teacher: Browser, grade: Grade, connected: House, moodle: FakeServices) -> None:
    connected.links[ACTIVITY].line_item_url = None
    moodle.items = []
    put(connected, status="failed", reason="no_column")
    assert "Add a column to the gradebook" in teacher.page("grades/").get_text()
    teacher.post("grades/column", form(connected))
    assert connected.links[ACTIVITY].line_item_url == moodle.items[0]["id"]


def test_a_platform_that_lets_no_tool_add_columns_says_so(
    teacher: Browser, connected: House, moodle: FakeServices
) -> None:
    connected.links[ACTIVITY].line_item_url = None
    moodle.items = []
    moodle.answer_next("POST", "lineitems", Canned(401), Canned(401))
    text = teacher.follow(teacher.post("grades/column", form(connected))).get_text()
    assert "does not let the tool" in text


def test_another_activity_can_be_chosen(teacher: Browser, grade: Grade, connected: House) -> None:
    exam = connected.placements[PlacementKind.EXAM]
    page = teacher.page(f"grades/?placement={exam.id}")
    chosen = page.find("option", selected=True)
    assert chosen is not None and chosen["value"] == str(exam.id)


def test_a_course_without_points_says_so(teacher: Browser, connected: House) -> None:
    for placement in connected.placements.values():
        placement.points = None
    connected.session.flush()
    assert "Nothing in this course has points yet" in teacher.page("grades/").get_text()


def test_the_export_is_safe_to_open(teacher: Browser, grade: Grade, connected: House) -> None:
    connected.student.name = "=HYPERLINK(1)"
    connected.session.flush()
    response = teacher.get(f"grades/export.csv?placement={grade.placement_id}")
    assert response.mimetype == "text/csv" and "'=HYPERLINK(1)" in response.text
    assert "7.5,10,Good <b>work</b>,draft" in response.text and not response.text.startswith("\ufeff")


def test_the_export_for_excel_has_a_mark(teacher: Browser, grade: Grade) -> None:
    assert teacher.get(f"grades/export.csv?placement={grade.placement_id}&mark=1").text.startswith("\ufeff")


def test_an_export_is_audited(teacher: Browser, grade: Grade, connected: House) -> None:
    teacher.get(f"grades/export.csv?placement={grade.placement_id}")
    assert connected.session.scalars(select(AuditEntry).where(AuditEntry.action == "grades.exported")).one()


PAGES = ["grades/", "grades/export.csv"]
FORMS = ["approve", "resend", "check", "test", "column"]


@pytest.mark.parametrize("page", PAGES)
def test_a_student_sees_nothing(enter: Enter, grade: Grade, page: str) -> None:
    response = enter("student", ACTIVITY).get(f"{page}?placement={grade.placement_id}")
    assert response.status_code == 403 and "Canary" not in response.text


@pytest.mark.parametrize("action", FORMS)
def test_a_student_does_nothing(enter: Enter, grade: Grade, connected: House, action: str) -> None:
    values = form(connected, grade=f"{grade.id}:1" if action == "approve" else str(grade.id))
    assert enter("student", ACTIVITY).post(f"grades/{action}", values).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_an_outsider_sees_nothing(enter: Enter, grade: Grade, page: str) -> None:
    response = enter("outsider", ACTIVITY).get(f"{page}?placement={grade.placement_id}")
    assert response.status_code == 404 and "Student" not in response.text


@pytest.mark.parametrize("action", ["approve", "resend", "check"])
def test_an_outsider_does_nothing(enter: Enter, grade: Grade, connected: House, action: str) -> None:
    values = form(connected, grade=f"{grade.id}:1" if action == "approve" else str(grade.id))
    assert enter("outsider", ACTIVITY).post(f"grades/{action}", values).status_code == 404
    assert connected.session.scalars(select(Push)).all() == []


def test_a_non_editing_teacher_approves(enter: Enter, grade: Grade, connected: House) -> None:
    enter("non_editing_teacher", ACTIVITY).post("grades/approve", form(connected, grade=f"{grade.id}:1"))
    assert connected.session.scalars(select(Push)).one()
