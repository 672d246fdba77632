"""The files of a piece of work, fetched and checked as an upload is; one that cannot be taken is named with why."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lti_tool.errors import InvalidInput, PlatformFailed, ToolError
from lti_tool.files.intake import AcceptedUpload, accept, clean_name
from lti_tool.files.media_types import MediaType
from lti_tool.moodle.assignments import ListedFile
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.refusals import MoodleRefused

TAKEN = frozenset(MediaType)


@dataclass(frozen=True, kw_only=True)
class FetchedFile:
    """A file to keep, or why there is none."""

    upload: AcceptedUpload | None
    failure: ToolError | None = None


def fetch_files(
    client: MoodleClient, files: Sequence[ListedFile], folder: Path, open_files: ExitStack, *, most_bytes: int
) -> list[FetchedFile]:
    """In their order; raises PlatformFailed where Moodle does not answer: the work is then fetched later as a whole."""
    return [
        _fetched(client, listed, folder / str(number), open_files, most_bytes) for number, listed in enumerate(files)
    ]


def _fetched(
    client: MoodleClient, listed: ListedFile, target: Path, open_files: ExitStack, most_bytes: int
) -> FetchedFile:
    name = clean_name(listed.name)
    if listed.size > most_bytes:
        refusal = InvalidInput("file_too_large", "“%(name)s” is too large to be fetched.", {"name": name})
        return FetchedFile(upload=None, failure=refusal)
    try:
        client.download(listed.url, target, most_bytes=most_bytes)
        with target.open("rb") as stream:
            upload = accept(stream, name=name, allowed=TAKEN, max_bytes=most_bytes)
    except (InvalidInput, MoodleRefused) as error:
        return FetchedFile(upload=None, failure=error)
    except PlatformFailed as error:
        if error.code != "file_elsewhere":
            raise
        return FetchedFile(upload=None, failure=error)
    return FetchedFile(upload=open_files.enter_context(upload))
