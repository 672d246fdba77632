"""A conversation saved as text and as PDF: whole, readable in every script, and one's own alone."""

import io

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.activity.models import Event
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import ENABLE_EXPORT
from lti_tool.site_settings.store import write
from lti_tool.tutor.attachments.models import AttachmentKind, TurnAttachment
from lti_tool.tutor.conversations import get_or_start
from lti_tool.tutor.export.printing import printed, with_pictures_of_formulas
from lti_tool.tutor.export.transcript import direction_of
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Conversation, Turn
from lti_tool.tutor.views import NODE
from tests.fixtures.people import Browser, Enter, House
from tests.tutor.test_views import OSMOSIS, ask

pytestmark = pytest.mark.usefixtures("material")
ANSWER = r"""## Means

The mean is $\bar{x} = \frac{1}{n} \sum_i x_i$.

$$\int_0^1 x^2\,dx = \frac{1}{3}$$

```python
print("mean")
```

渗透是水的运动。 浸透とは 삼투는 هو حركة الماء"""


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture
def student(session: Session, house: House, enter: Enter) -> Browser:
    write(session, ENABLE_EXPORT, True, course_id=house.course.id)
    return enter("student")


@pytest.fixture
def path(session: Session, student: Browser) -> str:
    """Of a conversation with formulas, code and several scripts."""
    conversation = get_or_start(session, student.viewer)
    turn = Turn(
        conversation_id=conversation.id,
        position=1,
        client_key="key-00000001",
        question="מהו הממוצע?",
        state="succeeded",
        outcome="answer",
        answer_markdown=ANSWER,
        finished_at=now(),
    )
    session.add(turn)
    session.flush()
    return f"tutor/conversations/{conversation.id}/transcript"


def test_the_text_has_course_person_times_questions_and_answers(student: Browser, path: str) -> None:
    response = student.get(f"{path}.txt")
    text = response.get_data(as_text=True)
    for part in ("Course: Plant biology (BIO1)", "Person: Student Canary", "מהו הממוצע?", 'print("mean")', "渗透"):
        assert part in text
    assert text.startswith("\ufeff") and f"[{now():%b}" in text
    assert response.headers["Content-Disposition"].startswith("attachment; filename=conversation-")


def test_the_files_that_went_with_a_question_are_named(
    session: Session, house: House, student: Browser, path: str, runtime: Runtime
) -> None:
    stored = FileStore.of(runtime.settings).put(
        session, io.BytesIO(b"x"), name="notes.txt", media_type=MediaType.TEXT, course_id=house.course.id
    )
    turn = session.scalars(select(Turn)).one()
    session.add(
        TurnAttachment(
            course_id=house.course.id,
            person_id=house.student.id,
            turn_id=turn.id,
            file=stored,
            kind=AttachmentKind.DOCUMENT,
            text="x",
        )
    )
    session.flush()
    assert "מהו הממוצע?\n\nAttached files: notes.txt\n\n[" in student.get(f"{path}.txt").text


def test_the_pdf_has_every_script_and_the_formulas(student: Browser, path: str) -> None:
    response = student.get(f"{path}.pdf")
    document = pypdfium2.PdfDocument(io.BytesIO(response.data))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    for part in ("Plant biology", "Student Canary", 'print("mean")', "渗透是水的运动", "浸透とは", "삼투는"):
        assert part in text
    assert any(letter in text for letter in "حﺣ") and "מ" in text
    assert response.content_type == "application/pdf"


def test_formulas_become_pictures_that_say_what_they_show() -> None:
    page = with_pictures_of_formulas("<p><math display='inline'><mi>x</mi><mo>+</mo><mi>y</mi></math></p>")
    assert "<img" in page and 'alt="x + y"' in page and "<math" not in page


def test_nothing_is_fetched_while_a_page_is_printed() -> None:
    assert printed('<p>a<img src="http://127.0.0.1:9/x.png"></p>').startswith(b"%PDF")


def test_a_page_that_cannot_be_printed_says_to_take_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0)
    with pytest.raises(InvalidInput, match="as text"):
        printed("<p>a</p>")


@pytest.mark.parametrize(
    ("text", "direction"), [("1. שלום", "rtl"), ("«مرحبا» hello", "rtl"), ("渗透", "ltr"), ("", "ltr")]
)
def test_the_first_letter_with_a_direction_decides(text: str, direction: str) -> None:
    assert direction_of(text) == direction


def test_saving_is_an_event_with_the_format(session: Session, student: Browser, path: str) -> None:
    student.get(f"{path}.txt")
    event = session.scalars(select(Event).where(Event.kind == "chat_exported")).one()
    assert event.details["format"] == "txt"


def test_a_course_has_it_off_until_it_says_otherwise(session: Session, enter: Enter) -> None:
    student = enter("student")
    assert "transcript" not in str(ask(student, OSMOSIS))
    conversation = session.scalars(select(Conversation)).one()
    assert student.get(f"tutor/conversations/{conversation.id}/transcript.txt").status_code == 403


def test_the_conversation_that_goes_on_is_saved_from_its_page(student: Browser) -> None:
    assert student.get("tutor/transcript.txt").status_code == 404
    assert student.page("tutor/").select_one(".tutor-export").has_attr("hidden")
    links = ask(student, OSMOSIS).select(".tutor-export:not([hidden]) a")
    assert OSMOSIS in student.get(links[0]["href"].split("/", 3)[3]).get_data(as_text=True)


def test_the_page_links_to_both(student: Browser, path: str) -> None:
    links = [link["href"] for link in student.page("tutor/").select(".tutor-export a")]
    assert [link.rpartition(".")[2] for link in links] == ["txt", "pdf"]


@pytest.mark.parametrize("stranger", ["teacher", "other_student", "outsider"])
def test_nobody_else_saves_it(session: Session, house: House, enter: Enter, path: str, stranger: str) -> None:
    write(session, ENABLE_EXPORT, True, course_id=house.other_course.id)
    other = enter(stranger)
    assert [other.get(f"{path}.{kind}").status_code for kind in ("txt", "pdf")] == [404, 404]
