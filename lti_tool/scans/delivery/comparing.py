"""Is what lies in Moodle what we brought there? Name, size, and the bytes themselves wherever they may be fetched."""

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.assignments import ListedFile
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.refusals import MoodleRefused
from lti_tool.scans.delivery.parcels import ParcelFile

NOT_FETCHED = frozenset({"nopermissions", "accessexception", "webservice_access_exception", "noservice"})


def fingerprint_of(client: MoodleClient, listed: ListedFile) -> str | None:
    """The SHA-256 of a file in Moodle; None where the service of this key may not fetch files. Raises as the call."""
    with tempfile.TemporaryDirectory(prefix="lectern-delivery-") as folder:
        target = Path(folder) / "file"
        try:
            client.download(listed.url, target, most_bytes=max(listed.size, 1))
        except MoodleRefused as error:
            if error.errorcode in NOT_FETCHED:
                return None
            raise
        except PlatformFailed as error:
            # A file that grew since it was listed is another one.
            if error.code == "answer_too_large":
                return ""
            raise
        with target.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def is_same(client: MoodleClient, listed: ListedFile, ours: ParcelFile) -> bool:
    """Whether a listed file is this file of ours."""
    if (listed.name, listed.size) != (ours.name, ours.size):
        return False
    return fingerprint_of(client, listed) in {None, ours.sha256}


def are_there(client: MoodleClient, listed: Iterable[ListedFile], ours: Iterable[ParcelFile]) -> bool:
    """Whether exactly these files of ours lie there."""
    present, wanted = list(listed), {file.name: file for file in ours}
    if sorted(file.name for file in present) != sorted(wanted):
        return False
    return all(is_same(client, file, wanted[file.name]) for file in present)
