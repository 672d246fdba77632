"""An archive becomes sources of the course; the page says what became of it."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.content.archives.importing import archives_of, import_archive
from lti_tool.content.archives.models import CourseArchive
from lti_tool.content.models import Source, SourceState
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Upload
from lti_tool.material.uploads import take_archive
from lti_tool.runtime import Runtime
from tests.content.archives.samples import CARTRIDGE, Backup, html, zipped
from tests.fixtures.people import Enter, House

Take = Callable[[bytes], CourseArchive]


def botany(*pages: str, **values: object) -> bytes:
    made = Backup(**values)  # type: ignore[arg-type]
    made.section(1, "Leaves")
    for number, words in enumerate(pages, start=1):
        made.activity("page", number, f"Page {number}", html("content", words))
    made.activity("page", 90, "Hidden", html("content", "Secret."), visible=0)
    return made.mbz()


@pytest.fixture
def take(runtime: Runtime, session: Session, store: FileStore, enter: Enter) -> Take:
    """Send and import an archive as the teacher."""
    viewer = enter("teacher").viewer

    def take(content: bytes) -> CourseArchive:
        archive = take_archive(session, viewer, Upload(name="course.mbz", stream=io.BytesIO(content)), store)
        import_archive(runtime.engine, store, archive.id)
        session.expire_all()
        return archive

    return take


def sources(session: Session) -> dict[str, str]:
    return {source.title: source.state for source in session.scalars(select(Source))}


def test_a_backup_becomes_sources_and_hidden_items_are_left_out(take: Take, session: Session) -> None:
    archive = take(botany("Leaves are green.", "Roots drink."))
    assert (archive.state, archive.added, archive.left_out, archive.done, archive.total) == ("succeeded", 2, 1, 3, 3)
    assert sources(session) == {
        "Page 1": SourceState.TODO,
        "Page 2": SourceState.TODO,
        "Hidden": SourceState.LEFT_OUT,
    }
    queued = session.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY id")).all()
    assert queued == ["content.archive", "content.index", "content.index"]


def test_the_archive_itself_is_not_kept(take: Take, session: Session) -> None:
    take(botany("Leaves."))
    assert not [file for file in session.scalars(select(StoredFile)) if file.name == "course.mbz"]


def test_a_later_backup_replaces_and_that_of_another_course_stays(take: Take, session: Session) -> None:
    take(botany("Other.", course=99))
    take(botany("Leaves are green.", "Roots drink."))
    later = take(botany("Leaves are red."))
    assert (later.changed, later.removed) == (1, 1)
    assert len(session.scalars(select(Source)).all()) == 4


def test_addresses_lead_to_moodle_only_where_the_backup_is_of_this_course(
    take: Take, session: Session, house: House
) -> None:
    issuer = house.course.deployment.registration.platform.issuer
    house.course.context_id = "15"
    take(botany("Leaves.", site=issuer))
    assert (
        session.scalars(select(Source.url).where(Source.title == "Page 1")).one() == f"{issuer}/mod/page/view.php?id=1"
    )
    take(botany("Leaves.", site=issuer, course=16))
    assert session.scalars(select(Source.url).where(Source.key.contains("-16/page:1"))).one() is None


def test_a_cartridge_becomes_sources_and_failures_are_named(take: Take, session: Session) -> None:
    archive = take(zipped(CARTRIDGE))
    assert (archive.state, archive.added, archive.left_out) == ("succeeded", 5, 1)
    assert [failure["title"] for failure in archive.failures] == ["Lost"]


def test_a_broken_archive_fails_with_its_reason_and_leaves_nothing(take: Take, session: Session) -> None:
    archive = take(b"\x1f\x8b nothing")
    assert (archive.state, "damaged" in archive.reason) == ("failed", True)
    assert sources(session) == {}


def test_an_imported_archive_is_not_imported_again(
    take: Take, runtime: Runtime, store: FileStore, session: Session
) -> None:
    archive = take(botany("Leaves."))
    import_archive(runtime.engine, store, archive.id)
    session.expire_all()
    assert archive.added == 1


REFUSED = {"archive_unknown": b"plain text", "file_too_large": bytes(70_000_000)}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_no_archive_or_too_large_is_not_kept(
    enter: Enter, session: Session, store: FileStore, code: str
) -> None:
    upload = Upload(name="a.mbz", stream=io.BytesIO(REFUSED[code]))
    with pytest.raises(InvalidInput) as refusal:
        take_archive(session, enter("teacher").viewer, upload, store)
    assert refusal.value.code == code and archives_of(session, enter("teacher").viewer.course_id) == []


def test_a_student_sends_no_archive(enter: Enter, session: Session, store: FileStore) -> None:
    with pytest.raises(NotAllowed):
        take_archive(session, enter("student").viewer, Upload(name="a", stream=io.BytesIO(b"PK")), store)
