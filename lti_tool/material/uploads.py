"""Files as they come from the form: each is taken or refused by itself, with a sentence for either."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.sources import add_source
from lti_tool.content.tasks import ask_for_index
from lti_tool.errors import InvalidInput
from lti_tool.files.intake import accept, clean_name
from lti_tool.files.media_types import MATERIAL
from lti_tool.files.store import FileStore
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of the form, not looked at yet."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; the reason where it was refused."""

    name: str
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.reason


def take_uploads(session: Session, viewer: Viewer, uploads: Iterable[Upload], store: FileStore) -> list[Outcome]:
    """Accept what can be accepted and queue its indexing."""
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    return [_take(session, viewer, upload, store, most) for upload in uploads]


def _take(session: Session, viewer: Viewer, upload: Upload, store: FileStore, most: int) -> Outcome:
    name = clean_name(upload.name)
    try:
        with upload.stream, accept(upload.stream, name=name, allowed=MATERIAL, max_bytes=most) as accepted:
            ask_for_index(session, add_source(session, viewer, accepted, store))
    except InvalidInput as refusal:
        return Outcome(name=name, reason=refusal.message)
    return Outcome(name=name)
