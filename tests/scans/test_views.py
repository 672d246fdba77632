"""The pages: who gets to see what, and that every form does what it says."""

import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim
from lti_tool.scans.models import Verification
from lti_tool.scans.pages.upright import HEADER_SHARE
from lti_tool.scans.states import PaperState
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House
from tests.scans.conftest import EXAM, OnDesk, PaperOf, name_of

PICTURES = ["header.webp", "pages/1.webp"]
SAVED = {"points": "7,5", "feedback": "Good <b>work</b>", "seen": "0", "rubric": ""}
MARKS = {**SAVED, "approve": "yes"}


@pytest.fixture
def staff(enter: Enter, teacher: Viewer) -> Browser:
    return enter("teacher", EXAM)


@pytest.fixture
def student(enter: Enter) -> Browser:
    return enter("student", EXAM)


def text_of(browser: Browser, path: str = "scans/") -> str:
    return " ".join(browser.page(path).main.get_text(" ", strip=True).split())  # type: ignore[union-attr]


def send(browser: Browser, *files: tuple[str, bytes], **options: object):  # type: ignore[no-untyped-def]
    content = {"batch": str(uuid4()), "files": [(io.BytesIO(content), name) for name, content in files]}
    return browser.post("scans/staff/upload", content, content_type="multipart/form-data", **options)


def test_staff_say_the_subject_code_before_the_first_upload(enter: Enter) -> None:
    staff = enter("teacher", EXAM)
    assert staff.page("scans/").find("input", type="file") is None
    page = staff.follow(staff.post("scans/staff/subject", {"code": "bio210"}))
    assert "Subject code: BIO210" in page.text and page.find("input", type="file")


def test_an_upload_says_what_became_of_each_file(staff: Browser, house: House) -> None:
    page = staff.follow(send(staff, (name_of(house, "student"), samples.pdf("One")), ("scan.pdf", b"")))
    assert "1 file received." in page.text and "“scan.pdf” is empty" in page.text
    assert "Student Canary" in page.text and "1 to confirm" in " ".join(page.text.split())


def test_the_script_hears_of_each_file_as_json(staff: Browser) -> None:
    answer = send(staff, ("scan.pdf", b""), headers={"Accept": "application/json"})
    assert answer.json is not None and "is empty" in answer.json[0]["reason"]


def test_no_file_and_no_pile_are_questions(staff: Browser) -> None:
    assert staff.post("scans/staff/upload", {"batch": str(uuid4())}).status_code == 400
    files = {"batch": "x", "files": [(io.BytesIO(b"x"), "a.pdf")]}
    assert staff.post("scans/staff/upload", files, content_type="multipart/form-data").status_code == 400


def test_staff_confirm_the_rows_that_were_on_the_page_and_no_others(
    staff: Browser, session: Session, bound: PaperOf
) -> None:
    shown = bound("student")
    page = staff.page("scans/")
    values = [field["value"] for field in page.find_all("input", attrs={"name": "shown"})]
    late = bound("other_student")
    staff.post("scans/staff/confirm", {"shown": values, "all": "yes"})
    assert (shown.state, late.state) == (PaperState.RELEASED, PaperState.BOUND)


def test_staff_confirm_ticked_rows_or_one(staff: Browser, bound: PaperOf) -> None:
    first, second = bound("student"), bound("other_student")
    both = [f"{paper.id}:{paper.binding}" for paper in (first, second)]
    staff.post("scans/staff/confirm", {"shown": both, "tick": both[:1]})
    assert (first.state, second.state) == (PaperState.RELEASED, PaperState.BOUND)
    answer = staff.post("scans/staff/confirm", {"shown": both, "one": both[1], "open": "yes"})
    assert second.state == PaperState.RELEASED and answer.location.endswith(f"papers/{second.id}")


@pytest.mark.parametrize("form", [{}, {"tick": "x:1"}, {"tick": f"{uuid4()}:one"}, {"tick": f"{uuid4()}:1"}])
def test_a_confirmation_of_nothing_is_refused(staff: Browser, form: dict[str, str]) -> None:
    assert staff.post("scans/staff/confirm", form).status_code in {400, 404}


def test_staff_put_a_paper_right_by_its_page(staff: Browser, house: House, bound: PaperOf) -> None:
    paper, other = bound(), house.people["other_student"]
    staff.follow(staff.post(f"scans/staff/papers/{paper.id}/assign", {"person": str(other.id)}))
    assert paper.person_id == other.id
    staff.follow(staff.post(f"scans/staff/papers/{paper.id}/take-back", {"reason": "No"}))
    assert "Nobody’s paper yet" in text_of(staff, f"scans/staff/papers/{paper.id}")
    page = staff.follow(staff.post(f"scans/staff/papers/{paper.id}/discard", {"reason": "A blank sheet"}))
    assert "Discarded (A blank sheet)" in " ".join(page.text.split())
    assert "A blank sheet" in text_of(staff, f"scans/staff/papers/{paper.id}")


def test_match_again_says_what_it_found(staff: Browser, bound: PaperOf) -> None:
    assert "0 papers found their students" in staff.follow(staff.post("scans/staff/match")).text


def test_approve_and_next_sends_the_grade_and_opens_the_next_paper(
    staff: Browser, session: Session, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    paper, other = confirmed("student"), confirmed("other_student")
    work, following = on_desk(paper), on_desk(other)
    answer = staff.post(f"grading/submissions/{work.id}/review", MARKS)
    assert answer.location.endswith(f"submissions/{following.id}")
    assert session.scalars(select(Approval.comment)).all() == ["Good <b>work</b>"]
    assert "7.5 / 10" in text_of(staff) and "Approved by Teacher Canary" in text_of(
        staff, f"scans/staff/papers/{paper.id}"
    )


def test_saved_marks_stay_in_the_form(staff: Browser, session: Session, confirmed: PaperOf, on_desk: OnDesk) -> None:
    work = on_desk(confirmed())
    page = staff.follow(staff.post(f"grading/submissions/{work.id}/review", SAVED))
    assert page.find(id="points")["value"] == "7.5"  # type: ignore[index]
    assert session.scalars(select(Approval)).all() == []


def test_an_exam_without_points_takes_no_grade(
    staff: Browser, house: House, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    house.placements[EXAM].points = None
    paper = confirmed()
    work = on_desk(paper)
    assert "takes no grade" in text_of(staff, f"scans/staff/papers/{paper.id}")
    assert staff.post(f"grading/submissions/{work.id}/review", MARKS).status_code == 404


def test_a_student_without_a_paper_is_told_to_wait(student: Browser, bound: PaperOf) -> None:
    assert "not been released yet" in text_of(student)
    bound()
    assert "not been released yet" in text_of(student)


def test_a_student_sees_the_header_then_the_pages_then_the_receipt(student: Browser, released: PaperOf) -> None:
    paper = released()
    pictures = [image["src"] for image in student.page("scans/").find_all("img")]
    assert [picture.rsplit("/", 1)[1] for picture in pictures] == ["header.webp"]
    page = student.follow(student.post(f"scans/papers/{paper.id}/header", {"mine": "yes"}))
    assert "Step 2 of 2" in page.text and len(page.find_all("img")) == 2
    page = student.follow(student.post(f"scans/papers/{paper.id}/confirm"))
    assert "You have confirmed this paper" in page.text and paper.sha256 in page.text
    receipt = student.get(f"scans/papers/{paper.id}/receipt.txt")
    assert receipt.headers["Content-Disposition"].startswith("attachment") and paper.sha256 in receipt.text


def test_a_no_hides_everything_and_staff_see_why(student: Browser, staff: Browser, released: PaperOf) -> None:
    paper = released()
    page = student.follow(student.post(f"scans/papers/{paper.id}/header", {"mine": "no"}))
    assert not page.find_all("img") and "Your teacher is looking at it" in page.text
    assert student.get(f"scans/papers/{paper.id}/header.webp").status_code == 404
    assert "This is not my paper" in text_of(staff, f"scans/staff/papers/{paper.id}")


def test_a_report_reaches_staff_with_its_message(
    student: Browser, staff: Browser, session: Session, released: PaperOf, runtime: Runtime
) -> None:
    paper = released()
    claim(session, student.viewer, paper, runtime.secrets)
    form = {"report": "page_missing", "message": "Page <3> is missing"}
    assert "Page <3> is missing" in student.follow(student.post(f"scans/papers/{paper.id}/report", form)).text
    assert "Page <3> is missing" in text_of(staff, f"scans/staff/papers/{paper.id}")
    assert "1 to resolve" in text_of(staff)


@pytest.mark.parametrize(("path", "form"), [("header", {}), ("report", {"report": "boring"}), ("confirm", {})])
def test_a_form_without_an_answer_is_refused(
    student: Browser, released: PaperOf, path: str, form: dict[str, str]
) -> None:
    paper = released()
    assert student.post(f"scans/papers/{paper.id}/{path}", form).status_code == 400
    assert paper.state == PaperState.RELEASED


def test_there_is_no_receipt_before_the_confirmation(student: Browser, released: PaperOf) -> None:
    assert student.get(f"scans/papers/{released().id}/receipt.txt").status_code == 400


def test_a_student_sees_an_approved_grade_and_no_draft(
    student: Browser, staff: Browser, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    work = on_desk(confirmed())
    staff.post(f"grading/submissions/{work.id}/review", SAVED)
    assert "7.5" not in text_of(student)
    staff.post(f"grading/submissions/{work.id}/review", MARKS | {"seen": "1"})
    shown = text_of(student)
    assert "7.5 / 10" in shown and "Good <b>work</b>" in shown and "Approved by Teacher Canary" in shown


def test_pictures_are_harmless_private_and_in_the_audit(
    student: Browser, session: Session, released: PaperOf, runtime: Runtime
) -> None:
    paper = released()
    claim(session, student.viewer, paper, runtime.secrets)
    for path, action in (("header.webp", "scans.header_viewed"), ("pages/2.webp", "scans.page_viewed")):
        answer = student.get(f"scans/papers/{paper.id}/{path}")
        assert (answer.status_code, answer.mimetype, answer.data[8:12]) == (200, "image/webp", b"WEBP")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        answer.close()
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None and (entry.action, entry.actor_id) == (action, student.viewer.person_id)


def test_the_header_is_the_top_of_the_page_alone(staff: Browser, released: PaperOf) -> None:
    paper, sizes = released(), {}
    for path in PICTURES:
        with staff.get(f"scans/papers/{paper.id}/{path}") as answer, Image.open(io.BytesIO(answer.data)) as picture:
            sizes[path] = picture.size
    assert sizes["header.webp"] == (1240, round(sizes["pages/1.webp"][1] * HEADER_SHARE))


@pytest.mark.parametrize("number", [0, 3, 99])
def test_a_page_that_does_not_exist_is_not_found(staff: Browser, released: PaperOf, number: int) -> None:
    assert staff.get(f"scans/papers/{released().id}/pages/{number}.webp").status_code == 404


ANSWERS = {"header": {"mine": "yes"}, "confirm": {}, "report": {"report": "other"}}
DECISIONS = {
    "assign": {"person": "1"},
    "take-back": {"reason": "No"},
    "discard": {"reason": "No"},
}


@pytest.mark.parametrize("path", [*PICTURES, "receipt.txt"])
@pytest.mark.parametrize("name", ["other_student", "outsider"])
def test_nobody_gets_a_picture_or_receipt_of_anothers_paper(
    enter: Enter, confirmed: PaperOf, name: str, path: str
) -> None:
    assert enter(name, EXAM).get(f"scans/papers/{confirmed().id}/{path}").status_code == 404


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("name", ["other_student", "outsider", "teacher"])
def test_nobody_answers_for_another_student(
    enter: Enter, session: Session, released: PaperOf, name: str, path: str
) -> None:
    paper = released()
    assert enter(name, EXAM).post(f"scans/papers/{paper.id}/{path}", ANSWERS[path]).status_code == 404
    assert paper.state == PaperState.RELEASED and len(session.scalars(select(Verification)).all()) == 1


@pytest.mark.parametrize("path", DECISIONS)
@pytest.mark.parametrize(("name", "status"), [("student", 403), ("other_student", 403), ("outsider", 404)])
def test_only_staff_of_the_exam_decide_about_a_paper(
    enter: Enter, released: PaperOf, name: str, status: int, path: str
) -> None:
    paper = released()
    answer = enter(name, EXAM).post(f"scans/staff/papers/{paper.id}/{path}", DECISIONS[path])
    assert (answer.status_code, paper.state) == (status, PaperState.RELEASED)


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("other_student", 403), ("outsider", 404)])
def test_only_staff_of_the_exam_mark_a_paper(
    enter: Enter, session: Session, confirmed: PaperOf, on_desk: OnDesk, name: str, status: int
) -> None:
    work = on_desk(confirmed())
    answer = enter(name, EXAM).post(f"grading/submissions/{work.id}/review", MARKS)
    assert (answer.status_code, session.scalars(select(Grade)).all()) == (status, [])


@pytest.mark.parametrize("path", ["subject", "upload", "match", "confirm"])
def test_a_student_has_none_of_the_staffs_forms(enter: Enter, path: str) -> None:
    assert enter("student", EXAM).post(f"scans/staff/{path}").status_code == 403


@pytest.mark.parametrize("path", ["board", "papers/{id}"])
@pytest.mark.parametrize("name", ["student", "other_student"])
def test_a_student_has_none_of_the_staffs_pages(enter: Enter, released: PaperOf, name: str, path: str) -> None:
    assert enter(name, EXAM).get(f"scans/staff/{path.format(id=released().id)}").status_code == 403


def test_a_teacher_of_another_course_finds_no_paper(enter: Enter, released: PaperOf) -> None:
    paper = released()
    outsider = enter("outsider", EXAM)
    assert outsider.get(f"scans/staff/papers/{paper.id}").status_code == 404
    assert "Student Canary" not in outsider.get("scans/").text


def test_a_paper_is_reached_from_its_own_exam_alone(enter: Enter, released: PaperOf) -> None:
    paper = released()
    elsewhere = enter("teacher")
    assert elsewhere.get(f"scans/staff/papers/{paper.id}").status_code == 404
    assert elsewhere.get("scans/").status_code == 404


@pytest.mark.parametrize("path", PICTURES)
def test_a_bound_paper_shows_nothing_even_to_who_it_seems_to_belong_to(enter: Enter, bound: PaperOf, path: str) -> None:
    assert enter("student", EXAM).get(f"scans/papers/{bound().id}/{path}").status_code == 404


def test_no_page_is_shown_before_the_header_was_recognised(enter: Enter, released: PaperOf) -> None:
    assert enter("student", EXAM).get(f"scans/papers/{released().id}/pages/1.webp").status_code == 404


def test_a_submission_review_opens_that_students_paper(enter: Enter, house: House, released: PaperOf) -> None:
    paper = released()
    review = {"message": "submission_review", "reviewed_person_id": house.student.id}
    answer = enter("teacher", EXAM, **review).get("scans/review")
    assert answer.location.endswith(f"scans/staff/papers/{paper.id}")


def test_a_review_of_who_has_no_paper_says_so(enter: Enter, house: House) -> None:
    review = {"message": "submission_review", "reviewed_person_id": house.student.id}
    assert "has no paper" in text_of(enter("teacher", EXAM, **review), "scans/review")


def test_a_student_reviews_their_own_paper_whatever_the_launch_says(
    enter: Enter, house: House, released: PaperOf
) -> None:
    released("other_student")
    review = {"message": "submission_review", "reviewed_person_id": house.people["other_student"].id}
    browser = enter("student", EXAM, **review)
    assert "not been released yet" in browser.follow(browser.get("scans/review")).text


def test_a_non_editing_teacher_handles_and_grades_papers(
    enter: Enter, session: Session, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    work = on_desk(confirmed())
    answer = enter("non_editing_teacher", EXAM).post(f"grading/submissions/{work.id}/review", MARKS)
    assert answer.status_code == 303 and session.scalars(select(Approval)).one()


def test_the_lists_alone_are_for_the_script(staff: Browser, bound: PaperOf) -> None:
    bound()
    answer = staff.get("scans/staff/board").text
    assert "<html" not in answer and "Student Canary" in answer


def test_the_tab_of_the_exam_is_current_on_its_pages(staff: Browser, released: PaperOf) -> None:
    for path in ("scans/", f"scans/staff/papers/{released().id}"):
        current = staff.page(path).find("a", attrs={"aria-current": "page"})
        assert current is not None and current.text == "Paper exam"
