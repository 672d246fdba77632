"""Bytes are compared with their hashes by turns; damage is marked, and sound again once it was put right."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.scrub import scrub
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def kept(store: FileStore, session: Session) -> list[StoredFile]:
    contents = (b"first", b"second", b"third")
    return [store.put(session, io.BytesIO(one), name="a.txt", media_type=MediaType.TEXT) for one in contents]


def check(engine: Engine, store: FileStore, hours: int = 1) -> int:
    begun = now()
    return scrub(engine, store, begun=begun, until=begun + timedelta(hours=hours))


def overwrite(store: FileStore, stored: StoredFile, content: bytes) -> None:
    path = store.path_of(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(content)


def test_damage_is_marked_and_never_served(
    session: Session, runtime: Runtime, store: FileStore, kept: list[StoredFile]
) -> None:
    overwrite(store, kept[1], b"seconb")
    store.path_of(kept[2].sha256).unlink()
    assert check(runtime.engine, store) == 2
    session.expire_all()
    assert [one.is_damaged for one in kept] == [False, True, True]
    with pytest.raises(ToolError, match="file_changed"):
        store.path(kept[1])


def test_a_file_put_back_is_sound_again(
    session: Session, runtime: Runtime, store: FileStore, kept: list[StoredFile]
) -> None:
    overwrite(store, kept[0], b"other")
    check(runtime.engine, store)
    overwrite(store, kept[0], b"first")
    assert check(runtime.engine, store) == 0
    session.expire_all()
    assert store.path(kept[0]).read_bytes() == b"first"


def test_what_the_night_was_too_short_for_comes_first_the_next_one(
    session: Session, runtime: Runtime, store: FileStore, kept: list[StoredFile]
) -> None:
    check(runtime.engine, store, hours=-1)
    assert session.scalars(select(StoredFile.checked_at)).all() == [None, None, None]
    long_ago = now() - timedelta(days=2)
    session.execute(update(StoredFile).where(StoredFile.id != kept[1].id).values(checked_at=long_ago))
    check(runtime.engine, store)
    moments = {one.id: one.checked_at for one in session.scalars(select(StoredFile))}
    assert min(moments, key=lambda one: moments[one] or now()) == kept[1].id
