"""The pages of the graded activity, as forms without scripts: what each person sees and does."""

import io
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import Placement
from lti_tool.files.models import StoredFile
from lti_tool.gradebook.models import Approval, Grade, Push, PushStatus
from lti_tool.grading.models import RegradeRequest, Rubric, Submission
from lti_tool.grading.regrades import ask_regrade
from lti_tool.grading.rubrics.json_form import as_json
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.tasks import read_work
from lti_tool.runtime import Runtime
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn, Mark


def upload(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def form_of(page: BeautifulSoup, action: str) -> dict[str, Any]:
    """What a browser without scripts would send of this form, besides the button."""
    form = page.find("form", action=lambda value: value is not None and value.endswith(action))
    assert form is not None, f"no form for {action}"
    sent: dict[str, Any] = {}
    for field in form.find_all("input"):
        if field.get("type") != "file" and (field.get("type") != "radio" or field.has_attr("checked")):
            sent[str(field["name"])] = field.get("value", "")
    return sent | {str(field["name"]): field.text.removeprefix("\n") for field in form.find_all("textarea")}


def mark_form(teacher: Browser, submission: Submission, rubric: Rubric, **changes: str) -> dict[str, Any]:
    """The marking form with the best level of each criterion."""
    page = teacher.page(f"grading/submissions/{submission.id}")
    levels = {f"level-{criterion.id}": str(criterion.levels[-1].id) for criterion in rubric.criteria}
    return form_of(page, "/review") | levels | changes


def test_the_task_shows_what_is_asked_and_how_it_is_marked(student: Browser) -> None:
    text = student.page("grading").get_text(" ", strip=True)
    for words in ("The activity", "Points 10", "No date", "Clarity", "Reasons", "Not handed in yet"):
        assert words in text


def test_a_student_hands_in_and_gets_a_receipt(student: Browser, house: House) -> None:
    sent = form_of(student.page("grading"), "/submit") | {"text": "My <b>essay</b>"}
    response = student.post("grading/submit", sent | {"files": [upload("a.py", b"print(1)\n"), upload("b.txt", b"b")]})
    page = student.follow(response).get_text(" ", strip=True)
    made = house.session.scalars(select(Submission)).one()
    assert "attempt 1" in page and str(made.sha256) in page and "a.py, b.txt" in page and "Hand in again" in page


def test_a_double_click_hands_in_once(student: Browser, house: House) -> None:
    sent = form_of(student.page("grading"), "/submit") | {"text": "Essay"}
    assert student.post("grading/submit", sent).status_code == student.post("grading/submit", sent).status_code == 303
    assert len(house.session.scalars(select(Submission)).all()) == 1


def test_a_refused_file_keeps_the_text_on_the_page_and_nothing_in_the_tables(student: Browser, house: House) -> None:
    sent = form_of(student.page("grading"), "/submit") | {"text": "Long essay"}
    response = student.post("grading/submit", sent | {"files": [upload("a.txt", b"a"), upload("a.pdf", b"no PDF")]})
    assert response.status_code == 400
    assert "Long essay" in response.text and "“a.pdf” is named like PDF" in response.text
    for kind in (Submission, StoredFile):
        assert house.session.scalars(select(kind)).all() == []


def test_a_student_reads_their_own_attempt(student: Browser, handed_in: HandIn) -> None:
    made = handed_in("My <b>essay</b>", code__py=b"if x:\n    pass\n")
    page = student.page(f"grading/submissions/{made.id}")
    assert "My <b>essay</b>" in page.get_text() and not page.find("textarea")
    assert [line.text for line in page.select("ol code")] == ["if x:", "    pass"]


def test_a_draft_is_nowhere_on_the_students_pages(student: Browser, handed_in: HandIn, marked: Mark) -> None:
    made = handed_in()
    marked(made, feedback="Secret words")
    for path in ("grading", f"grading/submissions/{made.id}"):
        text = student.page(path).get_text(" ", strip=True)
        assert "Secret words" not in text and "8 / 10" not in text and "Graded" not in text


def test_an_approved_grade_is_shown_with_who_approved_it(student: Browser, handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in(), approved=True)
    text = student.page("grading").get_text(" ", strip=True)
    for words in ("8 / 10", "Good", "Approved by Teacher Canary", "3 / 4", "5 / 6", "has been graded"):
        assert words in text
    assert not student.page("grading").find("form", enctype=True)


def test_the_queue_counts_and_links(teacher: Browser, handed_in: HandIn) -> None:
    made = handed_in()
    page = teacher.page("grading")
    assert "1 of 2 have handed in" in page.get_text(" ", strip=True)
    assert page.find("a", string="Start marking", href=re.compile(f"{made.id}$"))
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in page.select("tbody tr")]
    assert "Student Canary ✎ Handed in, to mark" in " ".join(rows) and "– Nothing handed in" in " ".join(rows)


def test_marks_are_saved_and_the_form_shows_them_again(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    made, clarity = handed_in(), rubric.criteria[0]
    sent = mark_form(teacher, made, rubric, feedback="Well done", **{f"points-{clarity.id}": "2,5"})
    page = teacher.follow(teacher.post(f"grading/submissions/{made.id}/review", sent))
    again = form_of(page, "/review")
    assert (again[f"points-{clarity.id}"], again["feedback"], again["seen"]) == ("2.5", "Well done", "1")
    assert "8.5 / 10" in page.get_text() and not house.session.scalars(select(Approval)).all()


def test_approve_and_next_queues_the_push_and_opens_the_next(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    made, other = handed_in(), handed_in(by="other_student")
    sent = mark_form(teacher, made, rubric, feedback="Well done", approve="yes")
    response = teacher.post(f"grading/submissions/{made.id}/review", sent)
    assert response.location.endswith(str(other.id))
    assert "grade of Student Canary is on its way" in teacher.follow(response).get_text()
    assert house.session.scalars(select(Push.status)).one() == PushStatus.TODO
    assert house.session.scalars(select(Approval)).one().comment == "Clarity: 4 / 4\nReasons: 6 / 6\n\nWell done"


def test_the_last_one_leads_back_to_the_queue(teacher: Browser, rubric: Rubric, handed_in: HandIn) -> None:
    made = handed_in()
    sent = mark_form(teacher, made, rubric, approve="yes")
    page = teacher.follow(teacher.post(f"grading/submissions/{made.id}/review", sent))
    assert "Nothing else is waiting for you." in page.get_text()


def test_a_double_click_on_approve_is_one_approval(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    made = handed_in()
    sent = mark_form(teacher, made, rubric, approve="yes")
    for _click in range(2):
        assert teacher.post(f"grading/submissions/{made.id}/review", sent).status_code == 303
    assert len(house.session.scalars(select(Approval)).all()) == 1


def test_marks_made_meanwhile_are_not_overwritten_unseen(
    teacher: Browser, enter: Enter, rubric: Rubric, handed_in: HandIn
) -> None:
    made, colleague = handed_in(), enter("non_editing_teacher", ACTIVITY)
    seen = mark_form(colleague, made, rubric, feedback="Theirs")
    teacher.post(f"grading/submissions/{made.id}/review", mark_form(teacher, made, rubric, feedback="Mine"))
    assert "Somebody else has marked this" in colleague.post(f"grading/submissions/{made.id}/review", seen).text


def test_an_unfinished_form_comes_back_as_it_was(
    teacher: Browser, house: House, rubric: Rubric, handed_in: HandIn
) -> None:
    made, clarity = handed_in(), rubric.criteria[0]
    sent = mark_form(teacher, made, rubric, feedback="Half", **{f"level-{clarity.id}": ""})
    response = teacher.post(f"grading/submissions/{made.id}/review", sent)
    assert response.status_code == 400
    assert "Choose a level for “Clarity”" in response.text and "Half</textarea>" in response.text
    assert not house.session.scalars(select(Grade)).all()


def test_looking_at_work_is_in_the_audit(teacher: Browser, house: House, handed_in: HandIn) -> None:
    made = handed_in()
    teacher.page(f"grading/submissions/{made.id}")
    entry = house.session.scalars(select(AuditEntry).where(AuditEntry.action == "submission.viewed")).one()
    assert (entry.object_id, entry.actor_id) == (str(made.id), house.teacher.id)


def test_an_earlier_attempt_is_read_but_not_marked(teacher: Browser, handed_in: HandIn) -> None:
    first = handed_in("First")
    handed_in("Second")
    page = teacher.page(f"grading/submissions/{first.id}")
    assert "Mark the latest attempt" in page.get_text() and not page.find(id="marking-form")


def test_files_are_shown_by_their_kind(teacher: Browser, runtime: Runtime, handed_in: HandIn) -> None:
    made = handed_in("", a__pdf=samples.pdf("1", "2"), b__png=samples.picture(), c__docx=samples.word(("Normal", "x")))
    read_work(runtime, submission_id=str(made.id))
    page = teacher.page(f"grading/submissions/{made.id}")
    pictures = [str(image["src"]).rpartition("/files/")[2] for image in page.find_all("img")]
    assert pictures == ["1/pages/1.webp", "1/pages/2.webp", "2"]
    assert "its layout is in the download" in page.get_text()


def test_a_file_is_downloaded_and_can_run_nothing(teacher: Browser, handed_in: HandIn) -> None:
    made = handed_in(page__html=b"<!doctype html><script>alert(1)</script>")
    answer = teacher.get(f"grading/submissions/{made.id}/files/1")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=page.html"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_pictures_are_shown_in_the_page(teacher: Browser, handed_in: HandIn) -> None:
    made = handed_in(a__pdf=samples.pdf("1"), b__png=samples.picture())
    for path, kind in (("1/pages/1.webp", "image/webp"), ("2", "image/png")):
        answer = teacher.get(f"grading/submissions/{made.id}/files/{path}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        answer.close()


@pytest.mark.parametrize("path", ["9", "1/pages/2.webp", "1/pages/0.webp", "2/pages/1.webp"])
def test_there_is_no_other_file_or_page(teacher: Browser, handed_in: HandIn, path: str) -> None:
    made = handed_in(a__pdf=samples.pdf("1"), b__txt=b"b")
    assert teacher.get(f"grading/submissions/{made.id}/files/{path}").status_code == 404


def test_a_regrade_is_asked_for_and_answered(
    student: Browser, teacher: Browser, house: House, handed_in: HandIn, marked: Mark
) -> None:
    made = handed_in()
    marked(made, approved=True)
    page = student.follow(student.post("grading/regrade", {"reason": "Look at page 2"}))
    assert "Not answered yet" in page.get_text() and not page.find("textarea", id="reason")
    assert "Regrade asked for" in teacher.page("grading").get_text()
    asked = house.session.scalars(select(RegradeRequest)).one()
    assert "Look at page 2" in teacher.page(f"grading/submissions/{made.id}").get_text()
    teacher.follow(teacher.post(f"grading/regrade/{asked.id}/reply", {"reply": "It stays."}))
    text = student.page("grading").get_text(" ", strip=True)
    assert "Answer of Teacher Canary:" in text and "It stays." in text


def test_an_empty_request_or_answer_comes_back_with_the_reason(
    student: Browser, teacher: Browser, house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    assert "Write a text" in student.post("grading/regrade", {"reason": " "}).text
    asked = ask_regrade(house.session, viewer_of(house, "student"), activity, "Please")
    assert "Write a text" in teacher.post(f"grading/regrade/{asked.id}/reply", {"reply": ""}).text
    assert asked.reply is None


def test_levels_without_words_are_shown_as_a_range(enter: Enter, activity: Placement) -> None:
    page = enter("student", ACTIVITY).page("grading")
    cells = [cell.get_text(strip=True) for cell in page.find("table").find_all("td")]  # type: ignore[union-attr]
    assert cells == ["0 to 4 points", "4", "0 to 6 points", "6"]


def test_levels_with_words_are_shown_with_them(enter: Enter, house: House, activity: Placement) -> None:
    activity.options = {"rubric": as_json(read_lines("Clarity: unclear 0 | clear 10"))}
    house.session.flush()
    page = enter("student", ACTIVITY).page("grading")
    levels = [level.get_text() for level in page.select(".rubric-levels li")]
    assert levels == ["unclear (0)", "clear (10)"]
