"""A large file in parts survives reloads, lost answers and parts sent twice."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.runtime import Runtime
from lti_tool.scans.intake import parts
from lti_tool.scans.intake.models import PartialUpload
from lti_tool.scans.intake.parts import MOST_BYTES, PartsFolder, append, begin, forget_old, upload_for
from lti_tool.scans.intake.tasks import take_in_upload
from lti_tool.scans.models import Paper, SentFile
from tests.files import samples
from tests.fixtures.people import Browser, Enter, House
from tests.scans.conftest import EXAM, name_of

TAKE_IN = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'scans.take_in'")
Begin = Callable[..., PartialUpload]
NOBODY = UUID(int=0)


@pytest.fixture
def folder(tmp_path: Path) -> PartsFolder:
    return PartsFolder(tmp_path / "uploads")


@pytest.fixture
def begun(session: Session, teacher: Viewer, folder: PartsFolder) -> Begin:
    def made(size: int = 10, fingerprint: str = "f", viewer: Viewer = teacher, name: str = "pile.pdf") -> PartialUpload:
        return begin(session, viewer, folder, name=name, size=size, fingerprint=fingerprint, batch_id=uuid4())

    return made


def test_parts_in_order_make_the_file(session: Session, begun: Begin, folder: PartsFolder) -> None:
    upload = begun()
    assert not append(session, upload, folder, io.BytesIO(b"01234"), offset=0)
    assert append(session, upload, folder, io.BytesIO(b"56789"), offset=5)
    assert folder.path(upload).read_bytes() == b"0123456789"


def test_a_part_sent_twice_adds_nothing(session: Session, begun: Begin, folder: PartsFolder) -> None:
    upload = begun()
    for _try in range(2):
        append(session, upload, folder, io.BytesIO(b"01234"), offset=0)
    append(session, upload, folder, io.BytesIO(b"xxxxx"), offset=7)
    assert (upload.received, folder.path(upload).read_bytes()) == (5, b"01234")


def test_after_a_reload_the_file_goes_on_where_it_was(session: Session, begun: Begin, folder: PartsFolder) -> None:
    upload = begun()
    append(session, upload, folder, io.BytesIO(b"01234"), offset=0)
    assert (begun().id, begun().received) == (upload.id, 5)
    assert begun(fingerprint="other").id != upload.id


def test_what_an_aborted_part_left_is_written_over(session: Session, begun: Begin, folder: PartsFolder) -> None:
    upload = begun()
    append(session, upload, folder, io.BytesIO(b"01234"), offset=0)
    with folder.path(upload).open("ab") as stream:
        stream.write(b"torn")
    append(session, upload, folder, io.BytesIO(b"56789"), offset=5)
    assert folder.path(upload).read_bytes() == b"0123456789"


@pytest.mark.parametrize("size", [0, MOST_BYTES + 1])
def test_a_file_that_is_too_large_is_refused_before_its_first_byte(begun: Begin, size: int) -> None:
    with pytest.raises(InvalidInput, match="too large"):
        begun(size)


def test_a_disk_without_room_takes_nothing(begun: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "SPARE_BYTES", 1 << 60)
    with pytest.raises(InvalidInput, match="no room"):
        begun()


def test_an_upload_is_its_senders(session: Session, begun: Begin, viewer) -> None:  # type: ignore[no-untyped-def]
    upload = begun()
    with pytest.raises(NotFound):
        upload_for(session, viewer("non_editing_teacher"), upload.id)
    with pytest.raises(NotAllowed):
        begun(viewer=viewer("student"))


def test_an_upload_nobody_goes_on_with_is_forgotten(session: Session, begun: Begin, folder: PartsFolder) -> None:
    upload = begun()
    append(session, upload, folder, io.BytesIO(b"01234"), offset=0)
    assert forget_old(session, folder) == 0
    upload.changed_at = now() - timedelta(days=4)
    session.flush()
    assert forget_old(session, folder) == 1 and not folder.path(upload).exists()


def test_an_archive_sent_in_parts_becomes_papers_and_reasons(
    enter: Enter, session: Session, house: House, teacher: Viewer, runtime: Runtime
) -> None:
    staff: Browser = enter("teacher", EXAM)
    members = {f"room 1/{name_of(house, 'student')}": samples.pdf("One"), "letter.txt": b"Dear"}
    content = samples.archive(**members)
    form = {"name": "pile.zip", "size": str(len(content)), "fingerprint": "f", "batch": str(uuid4())}
    begun = staff.post("scans/intake/uploads", form).json
    assert begun is not None and begun["received"] == 0
    address = begun["url"].split("/scans/", 1)[1]
    half = len(content) // 2
    for offset, part in ((0, content[:half]), (half, content[half:]), (half, content[half:])):
        form = {"offset": str(offset), "part": (io.BytesIO(part), "part")}
        answer = staff.post(f"scans/{address}", form, content_type="multipart/form-data").json
    assert answer == {"received": len(content), "finished": True}
    jobs = session.execute(TAKE_IN).scalars().all()
    assert len(jobs) == 1
    for _again in range(2):
        take_in_upload(runtime, **jobs[0])
    assert session.scalars(select(Paper.person_id)).all() == [house.student.id]
    states = {file.name: file.state for file in session.scalars(select(SentFile))}
    assert states == {name_of(house, "student"): "received", "letter.txt": "failed", "pile.zip": "unpacked"}
    listed = staff.get("scans/intake/files").text
    assert "being read" in listed and "letter.txt" in listed and "data-unfinished" in listed


def test_an_archive_of_the_plain_form_is_unpacked_too(
    enter: Enter, session: Session, house: House, teacher: Viewer, runtime: Runtime
) -> None:
    content = samples.archive(**{name_of(house, "student"): samples.pdf("One")})
    form = {"batch": str(uuid4()), "files": [(io.BytesIO(content), "pile.zip")]}
    enter("teacher", EXAM).post("scans/staff/upload", form, content_type="multipart/form-data")
    (job,) = session.execute(TAKE_IN).scalars()
    take_in_upload(runtime, **job)
    assert session.scalars(select(Paper.person_id)).all() == [house.student.id]


@pytest.mark.parametrize("path", ["uploads", f"uploads/{NOBODY}", "keys", f"keys/{NOBODY}/revoke"])
def test_students_send_no_files_and_make_no_keys(enter: Enter, teacher: Viewer, path: str) -> None:
    form = {"name": "a.pdf", "size": "5", "fingerprint": "f", "batch": str(uuid4()), "label": "x"}
    assert enter("student", EXAM).post(f"scans/intake/{path}", form).status_code == 403


def test_a_teacher_of_another_course_finds_no_upload(enter: Enter, begun: Begin) -> None:
    form = {"offset": "0", "part": (io.BytesIO(b"x"), "part")}
    outsider = enter("outsider", EXAM)
    answer = outsider.post(f"scans/intake/uploads/{begun().id}", form, content_type="multipart/form-data")
    assert answer.status_code == 404
