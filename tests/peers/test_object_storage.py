"""Files in a bucket of an S3 server that we did not write, seen by nodes that share no directory."""

import io
import re
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lti_tool.config import PROJECT_ROOT, ObjectStorage
from lti_tool.db import now, transaction
from lti_tool.errors import ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.objects import PREFIX, ObjectStore, object_store
from lti_tool.files.scrub import scrub
from lti_tool.files.store import FileStore

MOTO = PROJECT_ROOT / ".venv-peer" / "bin" / "moto_server"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not MOTO.exists():
        pytest.skip("no S3 server is installed: .ci/prepare test makes .venv-peer")
    command = [MOTO, "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        addresses = (ADDRESS.search(line) for line in process.stderr)
        yield next(found[0] for found in addresses if found)
        process.terminate()


@pytest.fixture
def objects(server: str) -> ObjectStore:
    storage = ObjectStorage(endpoint=server, bucket="lectern", region="us-east-1", access_key="a", secret_key="b")
    store = object_store(storage)
    if not store.client.bucket_exists("lectern"):
        store.client.make_bucket("lectern")
    for one in store.client.list_objects("lectern", recursive=True):
        store.client.remove_object("lectern", str(one.object_name))
    return store


@pytest.fixture
def here(objects: ObjectStore, tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "here", objects)


@pytest.fixture
def there(objects: ObjectStore, tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "there", objects)


def put(store: FileStore, session: Session, content: bytes = b"hello") -> StoredFile:
    return store.put(session, io.BytesIO(content), name="a.txt", media_type=MediaType.TEXT)


def damage(objects: ObjectStore, stored: StoredFile) -> None:
    objects.client.put_object(objects.bucket, PREFIX + stored.sha256, io.BytesIO(b"hullo"), 5)


def test_what_one_node_keeps_another_reads_and_keeps_a_copy(
    here: FileStore, there: FileStore, objects: ObjectStore, session: Session
) -> None:
    stored = put(here, session)
    assert there.path(stored).read_bytes() == b"hello"
    objects.delete(stored.sha256)
    assert there.path(stored).read_bytes() == b"hello"


def test_a_file_that_is_nowhere_is_named_as_missing(
    here: FileStore, there: FileStore, objects: ObjectStore, session: Session
) -> None:
    stored = put(here, session)
    objects.delete(stored.sha256)
    with pytest.raises(ToolError, match="file_missing"):
        there.path(stored)


def test_bytes_that_changed_in_the_bucket_are_not_taken(
    here: FileStore, there: FileStore, objects: ObjectStore, session: Session
) -> None:
    stored = put(here, session)
    damage(objects, stored)
    with pytest.raises(ToolError, match="file_changed"):
        there.path(stored)
    assert [path for path in there.root.rglob("*") if path.is_file()] == []


def test_a_storage_that_is_away_refuses_the_upload_and_keeps_no_row(tmp_path: Path, session: Session) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        nobody = ObjectStorage(endpoint=address, bucket="lectern", region="x", access_key="a", secret_key="b")
        with pytest.raises(ToolError, match="storage_failed"):
            put(FileStore(tmp_path, object_store(nobody)), session)
    assert session.scalars(select(StoredFile)).all() == []


def test_the_sweep_takes_orphans_from_the_bucket_and_leaves_what_has_a_row(
    here: FileStore, objects: ObjectStore, committed_engine: Engine
) -> None:
    with transaction(committed_engine) as session:
        kept = put(here, session)
    with Session(committed_engine) as session:
        put(here, session, b"orphan")
        session.rollback()
    here.sweep(committed_engine, older_than_seconds=3600)
    assert len(list(objects.older_than(datetime.now(UTC) + timedelta(minutes=1)))) == 2
    here.sweep(committed_engine, older_than_seconds=-60)
    assert list(objects.older_than(datetime.now(UTC) + timedelta(minutes=1))) == [kept.sha256]


def test_the_nightly_check_looks_into_the_bucket_and_not_at_the_copy(
    here: FileStore, objects: ObjectStore, committed_engine: Engine
) -> None:
    with transaction(committed_engine) as session:
        stored = put(here, session)
    damage(objects, stored)
    assert scrub(committed_engine, here, begun=now(), until=now() + timedelta(hours=1)) == 1
