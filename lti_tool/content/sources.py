"""The sources of a course: adding, showing and hiding, removing, and asking for one to be indexed again.

Whoever changes a source passes the loaded row, and the viewer whose right to manage it was checked on loading.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record as record_audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind
from lti_tool.activity.events import record as record_event
from lti_tool.content.items import Origin
from lti_tool.content.models import Source, SourceState
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import AcceptedUpload
from lti_tool.files.store import FileStore


def source_for(session: Session, viewer: Viewer, source_id: UUID) -> Source:
    """The source that this viewer may change; raises NotFound or NotAllowed."""
    viewer.require(Capability.MANAGE)
    source = session.scalar(select(Source).where(Source.id == source_id, Source.course_id == viewer.course_id))
    if source is None:
        raise NotFound("source_unknown")
    return source


def add_source(session: Session, viewer: Viewer, upload: AcceptedUpload, store: FileStore) -> Source:
    """Store an accepted upload as material, to be indexed; the same name again is a new version of the source."""
    viewer.require(Capability.MANAGE)
    stored = store.put(
        session, upload.stream, name=upload.name, media_type=upload.media_type, course_id=viewer.course_id
    )
    source = session.scalar(
        select(Source)
        .where(Source.course_id == viewer.course_id, Source.origin == Origin.UPLOAD, Source.key == upload.name)
        .with_for_update(of=Source)
    )
    if source is None:
        source = Source(course_id=viewer.course_id, title=upload.name, created_by_id=viewer.person_id)
        session.add(source)
    # The row of an earlier version goes; its bytes follow with the sweep.
    earlier = source.file
    source.file, source.changed_at = stored, now()
    _ask_for_indexing(source)
    session.flush()
    if earlier is not None:
        session.delete(earlier)
    _tell(session, viewer, source, "material.added", EventKind.MATERIAL_ADDED)
    return source


def set_visibility(session: Session, viewer: Viewer, source: Source, *, is_visible: bool) -> None:
    """Decide whether students' questions may be answered from this source, and citations of it opened by them."""
    source.is_visible_to_students = is_visible
    source.changed_at = now()
    _tell(session, viewer, source, "material.shown" if is_visible else "material.hidden")


def ask_again(session: Session, viewer: Viewer, source: Source) -> None:
    """Put the source back to the start of indexing (R46); raises InvalidInput for one that is left out."""
    if source.state == SourceState.LEFT_OUT or source.file is None:
        raise InvalidInput("source_left_out", "This item is not part of what the tutor reads.")
    _ask_for_indexing(source)
    _tell(session, viewer, source, "material.reindexed")


def ask_all_again(session: Session, viewer: Viewer) -> list[Source]:
    """The same for everything in the course that the tutor reads."""
    viewer.require(Capability.MANAGE)
    is_read = (Source.state != SourceState.LEFT_OUT, Source.file_id.is_not(None))
    sources = list(session.scalars(select(Source).where(Source.course_id == viewer.course_id, *is_read)))
    for source in sources:
        ask_again(session, viewer, source)
    return sources


def remove_source(session: Session, viewer: Viewer, source: Source) -> None:
    """Delete the source with its text and file row; quotations that answers kept stay theirs."""
    stored = source.file
    _tell(session, viewer, source, "material.removed", EventKind.MATERIAL_REMOVED)
    session.delete(source)
    session.flush()
    if stored is not None:
        session.delete(stored)


def _ask_for_indexing(source: Source) -> None:
    source.state, source.reason = SourceState.TODO, ""


def _tell(session: Session, viewer: Viewer, source: Source, action: str, kind: EventKind | None = None) -> None:
    session.flush()
    record_audit(
        session,
        action,
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="source",
        object_id=source.id,
    )
    if kind:
        record_event(session, kind, course_id=viewer.course_id, person_id=viewer.person_id)
