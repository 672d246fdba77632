"""The material page for teachers, the passage page for whoever was given a citation."""

import io
import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.content.archives.importing import import_archive
from lti_tool.content.indexing import index_source
from lti_tool.content.models import Chunk, Source, SourceState
from lti_tool.content.progress.models import Stage
from lti_tool.content.progress.stages import tell, tell_waiting
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.llm.models import LlmCall
from lti_tool.material.uploads import Upload, take_archive, take_uploads
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import write
from tests.content.archives.samples import CARTRIDGE, Backup, zipped
from tests.content.conftest import MakeSource
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House


@pytest.fixture
def teacher(enter: Enter) -> Browser:
    return enter("teacher")


def send(browser: Browser, *files: tuple[str, bytes], **options: object):  # type: ignore[no-untyped-def]
    content = {"files": [(io.BytesIO(content), name) for name, content in files]}
    return browser.post("material/upload", content, content_type="multipart/form-data", **options)


def jobs(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY id")))


def test_an_upload_is_stored_queued_audited_and_shown(
    teacher: Browser,
    session: Session,
    house: House,
    store: FileStore,
) -> None:
    page = teacher.follow(send(teacher, ("leaves.pdf", samples.pdf("Leaves are green."))))
    source = session.scalars(select(Source)).one()
    assert "“leaves.pdf” was received" in page.text and "Waiting" in page.text
    assert store.path(source.file).read_bytes().startswith(b"%PDF")
    assert (jobs(session), source.course_id) == (["content.index"], house.course.id)
    assert session.scalars(select(AuditEntry.action)).all() == ["material.added"]


BAD = {
    "a picture named as a PDF": ("a.pdf", samples.picture("PNG"), "its content is PNG"),
    "a password": ("a.pdf", samples.encrypted_pdf(), "protected by a password"),
    "a bomb": ("a.docx", samples.word_bomb(), "unpacks to far more"),
    "a broken PDF": ("a.pdf", b"%PDF-1.7\nnothing", "damaged"),
    "an empty file": ("a.txt", b"", "is empty"),
    "a picture": ("a.png", samples.picture("PNG"), "Here you can send"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_gets_a_sentence_and_nothing_is_half_stored(
    teacher: Browser,
    session: Session,
    store: FileStore,
    case: str,
) -> None:
    name, content, sentence = BAD[case]
    page = teacher.follow(send(teacher, (name, content)))
    assert sentence in page.text
    assert session.scalars(select(Source)).all() == session.scalars(select(StoredFile)).all() == jobs(session) == []
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_file_over_the_limit_of_the_site_is_refused(
    teacher: Browser,
    session: Session,
    store: FileStore,
) -> None:
    write(session, MAX_FILE_SIZE_MB, 1)
    uploads = [Upload(name="a.txt", stream=io.BytesIO(b"word " * 300_000))]
    outcome = take_uploads(session, teacher.viewer, uploads, store)[0]
    assert (outcome.is_accepted, "at most 1 MB" in outcome.reason) == (False, True)


def test_one_bad_file_does_not_stop_the_others(teacher: Browser, session: Session) -> None:
    send(teacher, ("bad.pdf", b"%PDF-1.7"), ("good.txt", b"Leaves are green."))
    assert session.scalars(select(Source.title)).all() == ["good.txt"]


def test_the_script_hears_of_each_file_as_json(teacher: Browser) -> None:
    answer = send(teacher, ("good.txt", b"Leaves."), headers={"Accept": "application/json"})
    assert answer.json == [{"name": "good.txt", "reason": ""}]


def test_the_same_name_again_is_a_new_version(teacher: Browser, session: Session) -> None:
    for content in (b"First.", b"Second."):
        send(teacher, ("a.txt", content))
    assert session.scalars(select(Source)).one().file.size == 7
    assert len(session.scalars(select(StoredFile)).all()) == 1


def test_no_file_is_a_question_for_one(teacher: Browser) -> None:
    assert teacher.post("material/upload").status_code == 400


def test_a_source_shows_its_pages_passages_and_failure(
    teacher: Browser,
    make_source: MakeSource,
) -> None:
    make_source("Biology", "One.", "Two.", "Three.")
    make_source("Scan", state=SourceState.FAILED, reason="It holds pictures only.")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row(["th", "td"])][:4] for row in teacher.page("material")("tr")
    ]
    assert rows[1:] == [["Biology", "Ready", "3", "3"], ["Scan", "Failed: It holds pictures only.", "–", "0"]]


def test_the_table_alone_says_what_is_unfinished(teacher: Browser, make_source: MakeSource) -> None:
    make_source("Biology", state=SourceState.DOING)
    assert "data-unfinished" in teacher.get("material/sources").text


def test_a_teacher_hides_and_shows_a_source(
    teacher: Browser,
    session: Session,
    make_source: MakeSource,
) -> None:
    source = make_source("Biology", "One.")
    for answer, expected in (("no", False), ("yes", True)):
        teacher.post(f"material/sources/{source.id}/visibility", {"visible": answer})
        assert source.is_visible_to_students is expected


def test_a_source_is_read_again_on_demand(
    teacher: Browser,
    session: Session,
    make_source: MakeSource,
) -> None:
    source = make_source("Biology", state=SourceState.FAILED, reason="No.")
    assert "will be read again" in teacher.follow(teacher.post(f"material/sources/{source.id}/index")).text
    assert (source.state, jobs(session)) == (SourceState.TODO, ["content.index"])


def test_the_whole_index_is_built_anew_on_demand(
    teacher: Browser,
    session: Session,
    make_source: MakeSource,
) -> None:
    sources = [make_source("Biology", "One."), make_source("Chemistry", state=SourceState.FAILED, reason="No.")]
    left_out = make_source("Answers", state=SourceState.LEFT_OUT)
    assert teacher.page("material").select_one('form[action$="/material/index"]')
    assert "2 sources will be read again." in teacher.follow(teacher.post("material/index")).text
    assert [source.state for source in sources] == [SourceState.TODO] * 2 and left_out.state == SourceState.LEFT_OUT
    assert jobs(session) == ["content.index"] * 2


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_a_teacher_builds_it_anew(enter: Enter, name: str) -> None:
    assert enter(name).post("material/index").status_code == 403


def test_the_index_says_what_it_holds_and_what_its_vectors_cost(
    teacher: Browser, house: House, session: Session, make_source: MakeSource
) -> None:
    make_source("Biology", "One.", "Two.")
    for course, tokens in ((house.course, 1200), (house.other_course, 7)):
        call = {"feature": "embeddings", "purpose": "embedding.chunks", "model": "m", "duration_ms": 1}
        session.add(LlmCall(course_id=course.id, prompt_tokens=tokens, outcome="succeeded", **call))
    session.flush()
    text = " ".join(teacher.page("material").get_text(" ").split())
    assert "1 source, 2 passages" in text and "have used 1,200 tokens" in text


def test_a_deleted_source_is_gone_with_its_text_and_file(
    teacher: Browser,
    session: Session,
    make_source: MakeSource,
) -> None:
    source = make_source("Biology", "One.")
    teacher.post(f"material/sources/{source.id}/delete")
    for kind in (Source, Chunk, StoredFile):
        assert session.scalars(select(kind)).all() == []


@pytest.mark.parametrize("action", ["visibility", "index", "delete"])
@pytest.mark.parametrize(("name", "status"), [("student", 403), ("non_editing_teacher", 403), ("outsider", 404)])
def test_only_a_teacher_of_the_course_changes_a_source(
    enter: Enter,
    session: Session,
    make_source: MakeSource,
    name: str,
    status: int,
    action: str,
) -> None:
    source = make_source("Biology", "One.")
    assert enter(name).post(f"material/sources/{source.id}/{action}").status_code == status
    assert source.is_visible_to_students and source.state == SourceState.SUCCEEDED


@pytest.mark.parametrize("address", ["material", "material/sources"])
def test_a_student_sees_no_table(enter: Enter, address: str) -> None:
    assert enter("student").get(address).status_code == 403


def test_a_tried_question_shows_what_would_be_found_and_why(
    teacher: Browser,
    make_source: MakeSource,
) -> None:
    make_source("Biology", "Chloroplasts turn light into sugar.", "Roots drink water.")
    page = teacher.post("material", {"question": "What turns light into sugar?"}).text
    assert "Good enough" in page and "page 1" in page and "not compared, for no embedding model" in page
    assert "Left aside" in page and "Words: place 1 with" in page


def test_a_question_beside_the_subject_would_be_refused(
    teacher: Browser,
    make_source: MakeSource,
) -> None:
    make_source("Biology", "Chloroplasts turn light into sugar.")
    page = teacher.post("material", {"question": "Napoleon Waterloo 1815"}).text
    assert "the course does not say" in page and "No passage shares a word" in page


def chunk_of(session: Session, words: str) -> int:
    return session.scalars(select(Chunk.id).where(Chunk.text == words)).one()


def test_a_student_opens_a_citation_among_its_neighbours(
    enter: Enter,
    session: Session,
    make_source: MakeSource,
) -> None:
    make_source("Biology", "One.", "Two.", "Three.", "Four.")
    page = enter("student").page(f"material/passages/{chunk_of(session, 'Two.')}")
    assert page.find(id="passage").text == "Two."  # type: ignore[union-attr]
    assert "Page 2" in page.text and "One." in page.text and "Three." in page.text and "Four." not in page.text


@pytest.mark.parametrize(("name", "is_visible"), [("student", False), ("outsider", True)])
@pytest.mark.parametrize("part", ["", "/page.webp"])
def test_who_may_not_see_a_source_opens_no_passage_of_it(
    enter: Enter,
    session: Session,
    make_source: MakeSource,
    name: str,
    is_visible: bool,
    part: str,
) -> None:
    make_source("Biology", "One.", is_visible_to_students=is_visible)
    assert enter(name).get(f"material/passages/{chunk_of(session, 'One.')}{part}").status_code == 404


def test_the_page_of_a_pdf_is_served_as_a_harmless_picture(
    enter: Enter,
    runtime: Runtime,
    session: Session,
    store: FileStore,
    make_source: MakeSource,
) -> None:
    source = make_source("Biology")
    source.file = store.put(
        session, io.BytesIO(samples.pdf("Leaves.")), name="a.pdf", media_type=MediaType.PDF, course_id=source.course_id
    )
    session.flush()
    index_source(runtime.engine, store, source.id)
    session.expire_all()
    answer = enter("student").get(f"material/passages/{chunk_of(session, 'Leaves.')}/page.webp")
    assert (answer.status_code, answer.mimetype, answer.data[8:12]) == (200, "image/webp", b"WEBP")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_a_text_has_no_picture(
    enter: Enter,
    session: Session,
    make_source: MakeSource,
) -> None:
    make_source("Notes", "One.", media_type=MediaType.TEXT)
    assert enter("student").get(f"material/passages/{chunk_of(session, 'One.')}/page.webp").status_code == 404
    assert not enter("student").page(f"material/passages/{chunk_of(session, 'One.')}").find("img")


def test_the_table_shows_how_far_each_source_is(
    teacher: Browser, runtime: Runtime, session: Session, make_source: MakeSource
) -> None:
    reading, ready = make_source("Scan", state=SourceState.DOING), make_source("Notes", "One.")
    tell(runtime.engine, reading.id, Stage.READING, 3, 12)
    tell(runtime.engine, ready.id, Stage.READING, 9, 10)
    tell(runtime.engine, ready.id, Stage.EMBEDDING, 1, 4)
    page = teacher.page("material").get_text(" ", strip=True)
    assert "Page 3 of 12 is read" in page and "Vectors: 1 of 4 passages" in page
    assert "1 page holds no text that could be read" in page


def test_a_model_that_is_away_is_named_and_not_waited_for(
    teacher: Browser, runtime: Runtime, house: House, make_source: MakeSource
) -> None:
    tell(runtime.engine, make_source("Notes", "One.").id, Stage.EMBEDDING, 1, 4)
    tell_waiting(runtime.engine, house.course.id, "The server is busy.")
    page = teacher.get("material/sources").text
    assert "until the embedding model answers: The server is busy." in page and "data-unfinished" not in page


def test_a_sent_backup_waits_to_be_read_and_is_shown(teacher: Browser, session: Session) -> None:
    sent = {"archive": (io.BytesIO(Backup().mbz()), "botany.mbz")}
    page = teacher.follow(teacher.post("material/archive", sent, content_type="multipart/form-data"))
    assert "“botany.mbz” was received" in page.text and "waits to be read" in page.text
    assert "data-unfinished" in teacher.get("material/sources").text
    assert jobs(session) == ["content.archive"]


def test_an_imported_backup_shows_what_became_of_it(
    teacher: Browser, runtime: Runtime, session: Session, store: FileStore
) -> None:
    upload = Upload(name="botany.imscc", stream=io.BytesIO(zipped(CARTRIDGE)))
    import_archive(runtime.engine, store, take_archive(session, teacher.viewer, upload, store).id)
    page = teacher.page("material").get_text(" ", strip=True)
    assert "5 new, 0 changed, 0 removed, 1 left out" in page
    assert "1 item could not be read" in page and "Lost : The file is missing" in page.replace("Lost:", "Lost :")


def test_what_is_no_archive_is_refused_with_a_sentence(teacher: Browser) -> None:
    sent = {"archive": (io.BytesIO(b"text"), "a.mbz")}
    answer = teacher.post("material/archive", sent, content_type="multipart/form-data")
    assert (answer.status_code, "neither a course backup" in answer.text) == (400, True)


def test_a_pasted_text_is_queued_and_the_same_again_is_not(teacher: Browser, session: Session) -> None:
    for words in ("was received", "is the same as before"):
        answer = teacher.post("material/pasted", {"title": "Notes", "text": "Leaves.", "form": "text"})
        assert f"“Notes” {words}" in teacher.follow(answer).text
    assert jobs(session) == ["content.index"]


@pytest.mark.parametrize("address", ["archive", "pasted"])
@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_a_teacher_sends_and_pastes(enter: Enter, session: Session, address: str, name: str) -> None:
    assert enter(name).post(f"material/{address}", {"title": "T", "text": "x", "form": "text"}).status_code == 403
    assert session.scalars(select(Source)).all() == []


def test_the_search_box_names_floor_rejections_and_words(
    teacher: Browser, session: Session, make_source: MakeSource
) -> None:
    make_source("Biology", *(f"Leaf number {number} is green." for number in range(7)))
    make_source("Answers", "The green leaf is the answer.", is_visible_to_students=False)
    page = teacher.post("material", {"question": "green leaf answer"}).text
    assert "Not used: an answer rests on 5 passages at most" in page
    assert "Not used: its source is hidden from students" in page
    assert "of the question stand in one passage" in page and "Both together" in page
    assert re.search(r"Words: \d+\.\d% of what an answer needs", page)
