"""The marked copy: the approved marks on the original pages, once for each review, for who may have it."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.pagemarks import copies
from lti_tool.grading.pagemarks.copies import find_copy, marked_copy
from lti_tool.grading.pagemarks.models import MarkedCopy
from lti_tool.grading.pagemarks.tasks import make_copy
from lti_tool.grading.reviewing import latest_review
from lti_tool.runtime import Runtime
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House
from tests.grading.conftest import ACTIVITY, HandIn, Mark
from tests.grading.pagemarks.conftest import Placed

ARABIC, CHINESE = "أحسنت، لكن أين الوحدة؟", "请写出单位"


def review_of(house: House, work: Submission) -> Review:
    review = latest_review(house.session, work)
    assert review is not None
    return review


def texts_of(store: FileStore, stored: StoredFile) -> list[str]:
    with pypdfium2.PdfDocument(store.path(stored)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def turned(content: bytes, degrees: int, **boxes: list[int]) -> bytes:
    """The same with its first page turned, and cut."""
    with pikepdf.open(io.BytesIO(content)) as document:
        page: Any = document.pages[0]
        page.Rotate = degrees
        for name, box in boxes.items():
            page[f"/{name}"] = pikepdf.Array(box)
        written = io.BytesIO()
        document.save(written)
    return written.getvalue()


def written_over(document: pikepdf.Pdf, words: str) -> pikepdf.Object:
    """A text that a reader's program put on the page."""
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    look = document.make_stream(
        f"BT /F1 12 Tf 5 5 Td ({words}) Tj ET".encode(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, 200, 20],
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font)),
    )
    return document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.FreeText,
            Rect=[100, 100, 300, 120],
            AP=pikepdf.Dictionary(N=look),
        )
    )


@pytest.fixture
def approved(house: House, paper: Submission, placed: Placed, marked: Mark) -> Review:
    placed(paper, page=2, kind="comment", text=f"{ARABIC}\n{CHINESE}", points="-1")
    placed(paper, page=2, kind="box", x="0.1", y="0.05", width="0.3", height="0.05", text="Which unit?")
    placed(paper, file=2, page=1, kind="cross")
    marked(paper, approved=True)
    return review_of(house, paper)


def test_the_copy_has_the_cover_the_words_and_the_text_of_the_original_pages_and_is_made_once(
    house: House, store: FileStore, approved: Review
) -> None:
    stored = marked_copy(house.session, store, approved)
    assert marked_copy(house.session, store, approved).id == stored.id
    cover, first, second, third, picture = texts_of(store, stored)
    assert "8 / 10" in cover and "Clarity" in cover and "Good" in cover and house.teacher.display_name in cover
    assert (first.strip(), third.strip()) == ("one", "three")
    assert "two" in second and "Which unit?" in second and CHINESE in second
    assert any("\u0600" <= sign <= "\u06ff" or "\ufb50" <= sign <= "\ufeff" for sign in second)
    assert picture.strip() == ""
    assert [one.file_id for one in house.session.scalars(select(MarkedCopy))] == [stored.id]


def test_there_is_no_copy_of_what_nobody_approved(
    house: House, store: FileStore, paper: Submission, marked: Mark
) -> None:
    marked(paper)
    with pytest.raises(InvalidInput, match="once a person has approved"):
        marked_copy(house.session, store, review_of(house, paper))


def test_a_page_that_is_turned_and_cut_is_in_the_copy_as_it_is_shown(
    house: House, store: FileStore, handed_in: HandIn, placed: Placed, marked: Mark
) -> None:
    content = turned(samples.pdf("top"), 90, CropBox=[50, 400, 550, 800], TrimBox=[0, 0, 100, 100])
    work = handed_in(text="", paper__pdf=content)
    placed(work, text="Here")
    marked(work, approved=True)
    stored = marked_copy(house.session, store, review_of(house, work))
    with pypdfium2.PdfDocument(store.path(stored)) as document:
        width, height = document[1].get_size()
        assert round(height) == 500 and width > 400
        assert "top" in document[1].get_textpage().get_text_bounded()


def test_scripts_of_the_original_are_not_in_the_copy_and_what_was_written_over_its_page_is(
    house: House, store: FileStore, handed_in: HandIn, placed: Placed, marked: Mark
) -> None:
    with pikepdf.open(io.BytesIO(samples.pdf("one"))) as document:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.Root.OpenAction = action
        document.pages[0].obj["/AA"] = pikepdf.Dictionary(O=action)
        document.pages[0].obj["/Annots"] = pikepdf.Array([written_over(document, "my own note")])
        written = io.BytesIO()
        document.save(written)
    work = handed_in(text="", paper__pdf=written.getvalue())
    placed(work)
    marked(work, approved=True)
    stored = marked_copy(house.session, store, review_of(house, work))
    with pikepdf.open(store.path(stored)) as copy:
        assert not any("JavaScript" in str(item) for item in copy.objects)
    assert "my own note" in texts_of(store, stored)[1]


def test_who_has_much_to_say_about_a_page_fills_further_pages_with_it(
    house: House, store: FileStore, handed_in: HandIn, placed: Placed, marked: Mark
) -> None:
    work = handed_in(text="", paper__pdf=samples.pdf("one", "two"))
    for number in range(9):
        placed(work, kind="comment", y=f"0.{number}", text=f"Remark {number}: " + "word " * 150)
    marked(work, approved=True)
    texts = texts_of(store, marked_copy(house.session, store, review_of(house, work)))
    assert len(texts) > 3 and "one" in texts[1] and "Remark 8" in "".join(texts[2:-1]) and "two" in texts[-1]


def test_a_job_makes_what_takes_long_and_the_page_says_so(
    house: House,
    runtime: Runtime,
    enter: Enter,
    store: FileStore,
    approved: Review,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    student, path = enter("student", ACTIVITY), f"grading/submissions/{approved.submission_id}/marked-copy"
    assert student.get(path).status_code == 303
    assert "being made" in student.page("grading").get_text()
    make_copy(runtime, review_id=approved.id)
    with student.get(path) as answer:
        assert answer.data.startswith(b"%PDF") and answer.mimetype == "application/pdf"
        assert "attachment" in answer.headers["Content-Disposition"]


def test_students_have_the_copy_of_a_released_grade_alone(
    enter: Enter, activity: Placement, paper: Submission, marked: Mark
) -> None:
    change_marking_options(activity, MarkingOptions(is_held=True))
    path = f"grading/submissions/{paper.id}/marked-copy"
    student, teacher = enter("student", ACTIVITY), enter("teacher", ACTIVITY)
    for browser in (student, teacher):
        assert browser.get(path).status_code == 404
    marked(paper, approved=True)
    assert student.get(path).status_code == 404
    with teacher.get(path) as answer:
        assert answer.data.startswith(b"%PDF")
    for name in ("other_student", "outsider"):
        assert enter(name, ACTIVITY).get(path).status_code == 404


def test_no_copy_names_whom_markers_may_not_know(
    teacher: Browser, house: House, activity: Placement, paper: Submission, store: FileStore, marked: Mark
) -> None:
    change_marking_options(activity, MarkingOptions(is_held=True, is_anonymous=True))
    marked(paper, approved=True)
    assert teacher.get(f"grading/submissions/{paper.id}/marked-copy").status_code == 403
    assert find_copy(house.session, review_of(house, paper)) is None
