"""Bytes are kept once, by hash, and vanish only when nobody has a row for them."""

import io
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.errors import NotFound, ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore, file_of_course
from tests.files import samples


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def put(store: FileStore, session: Session, content: bytes = b"hello", name: str = "a.txt") -> StoredFile:
    return store.put(session, io.BytesIO(content), name=name, media_type=MediaType.TEXT)


def files_in(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_a_stored_file_reads_back_and_cannot_be_written(store: FileStore, session: Session) -> None:
    stored = put(store, session)
    assert store.path(stored).read_bytes() == b"hello"
    assert store.path(stored).stat().st_mode & 0o777 == 0o440


def test_the_place_of_a_file_is_its_hash(store: FileStore, session: Session) -> None:
    stored = put(store, session)
    assert store.path(stored) == store.root / stored.sha256[:2] / stored.sha256[2:4] / stored.sha256


def test_the_same_bytes_are_kept_once_for_two_rows(store: FileStore, session: Session) -> None:
    first, second = put(store, session), put(store, session, name="b.txt")
    assert (first.id != second.id, len(files_in(store))) == (True, 1)


def test_damage_on_the_disk_is_noticed(store: FileStore, session: Session) -> None:
    stored = put(store, session)
    store.verify(stored)
    store.path(stored).chmod(0o600)
    store.path(stored).write_bytes(b"hullo")
    with pytest.raises(ToolError, match="file_changed"):
        store.verify(stored)


def test_bytes_that_are_gone_are_named_as_missing(store: FileStore, session: Session) -> None:
    stored = put(store, session)
    store.path(stored).unlink()
    with pytest.raises(ToolError, match="file_missing"):
        store.open(stored)


def test_the_sweep_takes_what_a_rolled_back_transaction_left(store: FileStore, committed_engine: Engine) -> None:
    with Session(committed_engine) as session:
        put(store, session)
        session.rollback()
    assert (store.sweep(committed_engine, older_than_seconds=-1), files_in(store)) == (1, [])


def test_the_sweep_leaves_files_with_a_row_and_young_files(store: FileStore, committed_engine: Engine) -> None:
    with transaction(committed_engine) as session:
        kept = put(store, session, b"kept")
    with Session(committed_engine) as session:
        put(store, session, b"young")
        session.rollback()
    assert store.sweep(committed_engine) == 0
    assert store.sweep(committed_engine, older_than_seconds=-1) == 1
    assert store.path(kept).read_bytes() == b"kept"


def test_the_sweep_leaves_a_file_whose_transaction_is_still_open(store: FileStore, committed_engine: Engine) -> None:
    with transaction(committed_engine) as session:
        stored = put(store, session)
        assert store.sweep(committed_engine, older_than_seconds=-1) == 0
    assert store.path(stored).read_bytes() == b"hello"


def test_the_sweep_takes_drafts_of_a_killed_process_and_derived_pictures(
    store: FileStore, committed_engine: Engine
) -> None:
    with Session(committed_engine) as session:
        page_image(store, put(store, session, samples.pdf("x")), 1)
        session.rollback()
    (store.root / "drafts" / "half").write_bytes(b"ha")
    assert (store.sweep(committed_engine, older_than_seconds=-1), files_in(store)) == (2, [])


def test_many_uploads_of_the_same_file_at_once_all_succeed(store: FileStore, committed_engine: Engine) -> None:
    def upload() -> None:
        with transaction(committed_engine) as session:
            put(store, session)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(committed_engine) as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 8
    assert len(files_in(store)) == 1


def test_a_page_is_drawn_once_and_kept(store: FileStore, session: Session) -> None:
    stored = put(store, session, samples.pdf("x"))
    first = page_image(store, stored, 1)
    os.utime(first, (1, 1))
    assert page_image(store, stored, 1).stat().st_mtime == 1


def test_a_file_of_no_course_is_not_found_through_a_course(store: FileStore, session: Session) -> None:
    stored = put(store, session)
    with pytest.raises(NotFound):
        file_of_course(session, stored.id, 1)
