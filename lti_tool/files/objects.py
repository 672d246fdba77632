"""Files in S3-compatible object storage, for nodes that share no directory: one object a SHA-256, below `files/`.

The directory of the store is then a node's own copy of what it has read lately.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from lti_tool.config import ObjectStorage
from lti_tool.errors import ToolError

PREFIX = "files/"
MISSING = frozenset({"NoSuchKey", "NoSuchObject"})


class NoObject(Exception):
    """Nothing is kept under this hash."""


class ObjectStore:
    """One bucket. Raises NoObject, and ToolError (`storage_failed`) where the storage does not do as asked."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def put(self, sha256: str, file: Path) -> None:
        """Keep the bytes; again, if they are there already, so that the object is young."""
        with _asking():
            self.client.fput_object(self.bucket, PREFIX + sha256, str(file))

    def fetch(self, sha256: str, target: Path) -> None:
        """Write the bytes to a file."""
        with _asking():
            self.client.fget_object(self.bucket, PREFIX + sha256, str(target))

    def put_at(self, sha256: str) -> datetime | None:
        """When the bytes were last put."""
        with _asking():
            return self.client.stat_object(self.bucket, PREFIX + sha256).last_modified

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The hashes of what was put before the moment."""
        with _asking():
            for one in self.client.list_objects(self.bucket, prefix=PREFIX, recursive=True):
                if one.object_name and one.last_modified and one.last_modified < moment:
                    yield one.object_name.removeprefix(PREFIX)

    def delete(self, sha256: str) -> None:
        with _asking():
            self.client.remove_object(self.bucket, PREFIX + sha256)


@lru_cache(maxsize=4)
def object_store(storage: ObjectStorage) -> ObjectStore:
    """The store that the settings name; its connections are shared."""
    parts = urlsplit(storage.endpoint)
    client = Minio(
        parts.netloc,
        access_key=storage.access_key,
        secret_key=storage.secret_key,
        region=storage.region,
        secure=parts.scheme == "https",
    )
    return ObjectStore(client, storage.bucket)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in MISSING:
            raise NoObject from error
        raise _failed(str(error.code)) from error
    except (MinioException, HTTPError, OSError) as error:
        raise _failed(type(error).__name__) from error


def _failed(reason: str) -> ToolError:
    return ToolError("storage_failed", "The file storage does not answer. Try again in a moment.", reason=reason)
