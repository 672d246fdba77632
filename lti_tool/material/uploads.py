"""Files as they come from the form: each is taken or refused by itself, with a sentence for either."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.archives.importing import keep_archive
from lti_tool.content.archives.models import CourseArchive
from lti_tool.content.archives.tasks import take_in
from lti_tool.content.sources import add_source
from lti_tool.content.tasks import ask_for_index
from lti_tool.errors import InvalidInput
from lti_tool.files.intake import accept, clean_name
from lti_tool.files.media_types import MATERIAL
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read


def take_uploads(session: Session, viewer: Viewer, uploads: Iterable[Upload], store: FileStore) -> list[Outcome]:
    """Accept what can be accepted and queue its indexing."""
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    return [_take(session, viewer, upload, store, most) for upload in uploads]


def take_archive(session: Session, viewer: Viewer, upload: Upload, store: FileStore) -> CourseArchive:
    """Keep a backup or cartridge and queue its import; raises InvalidInput with a sentence for whoever sent it."""
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    archive = keep_archive(session, viewer, upload.stream, name=upload.name, most_bytes=most, store=store)
    take_in.enqueue(session, course_id=viewer.course_id, archive_id=str(archive.id))
    return archive


def _take(session: Session, viewer: Viewer, upload: Upload, store: FileStore, most: int) -> Outcome:
    name = clean_name(upload.name)
    try:
        with upload.stream, accept(upload.stream, name=name, allowed=MATERIAL, max_bytes=most) as accepted:
            ask_for_index(session, add_source(session, viewer, accepted, store))
    except InvalidInput as refusal:
        return Outcome(name=name, refusal=refusal)
    return Outcome(name=name)
