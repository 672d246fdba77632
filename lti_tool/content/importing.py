"""The one seam of all ways in: items of a course become sources, each kept, changed, left out or removed (R39, R46).

What did not change is not touched. Hidden and restricted items are listed but not indexed unless a teacher wants them
(R48). A failing item says why and does not stop the others. Call it in batches: each call is one transaction's work,
and with `is_complete` what the origin no longer has leaves the index.
"""

import hashlib
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import IO

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.items import CourseItem, Origin
from lti_tool.content.models import Document, Source, SourceState
from lti_tool.content.tasks import ask_for_index
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.intake import accept, clean_name
from lti_tool.files.media_types import MATERIAL
from lti_tool.files.store import FileStore
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import read

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('content.import', :course_id))")
NOT_READ = N_("The content of this item has not been read yet.")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """On whose behalf an import runs: a person whose right was checked at the edge, or the clock."""

    person_id: int | None = None
    role: str | None = None

    @classmethod
    def of(cls, viewer: Viewer) -> "Actor":
        return cls(person_id=viewer.person_id, role=viewer.role)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An item that could not be read, and why, as a sentence is stored (errors.py)."""

    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of the items; reports of batches add up."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    left_out: int = 0
    failed: tuple[Failure, ...] = ()

    def __add__(self, other: "ImportReport") -> "ImportReport":
        return ImportReport(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            removed=self.removed + other.removed,
            left_out=self.left_out + other.left_out,
            failed=self.failed + other.failed,
        )

    @property
    def has_changes(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the items of one call go."""

    session: Session
    actor: Actor
    course_id: int
    origin: Origin
    store: FileStore
    most_bytes: int


def import_items(
    session: Session,
    actor: Actor,
    course_id: int,
    origin: Origin,
    items: Iterable[CourseItem],
    store: FileStore,
    *,
    is_complete: bool,
) -> ImportReport:
    """Keep these items as sources of the course and queue the indexing of what is new."""
    session.execute(ONE_AT_A_TIME, {"course_id": course_id})
    most = read(session, MAX_FILE_SIZE_MB, course_id) * 1024 * 1024
    place = _Place(session=session, actor=actor, course_id=course_id, origin=origin, store=store, most_bytes=most)
    known = {source.key: source for source in sources_of(session, course_id, origin)}
    report, seen = ImportReport(), set()
    for item in items:
        source = known.get(item.key) or _new_source(place, item)
        known[item.key] = source
        seen.add(item.key)
        report += _take(place, source, item)
    if is_complete:
        report = replace(report, removed=remove_all_but(session, course_id, origin, seen))
    _audit(place, report)
    return report


def sources_of(session: Session, course_id: int, origin: Origin) -> list[Source]:
    """Every source of a course that came by one way in, left out ones too."""
    return list(session.scalars(select(Source).where(Source.course_id == course_id, Source.origin == origin)))


def remove_all_but(session: Session, course_id: int, origin: Origin, keys: Collection[str]) -> int:
    """Remove what the origin no longer has, with its text; how many."""
    gone = [source for source in sources_of(session, course_id, origin) if source.key not in keys]
    files = [source.file for source in gone if source.file is not None]
    for row in gone:
        session.delete(row)
    session.flush()
    for file in files:
        session.delete(file)
    session.flush()
    return len(gone)


def leave_out(session: Session, source: Source) -> None:
    """Take the text of a source out of the index; its file and the choice stay."""
    session.execute(delete(Document).where(Document.source_id == source.id))
    source.state, source.reason = SourceState.LEFT_OUT, ""
    session.flush()


def _new_source(place: _Place, item: CourseItem) -> Source:
    return Source(
        course_id=place.course_id,
        origin=place.origin,
        key=item.key,
        created_by_id=place.actor.person_id,
        state=SourceState.LEFT_OUT,
        fingerprint="",
        reason="",
    )


def _take(place: _Place, source: Source, item: CourseItem) -> ImportReport:
    """Describe the source as the item now is, keep its content, and decide what becomes of it."""
    is_new = source.id is None
    _describe(source, item)
    failure = item.failure
    has_content = False
    try:
        has_content = not failure and _keep_content(place, source, item)
    except InvalidInput as refusal:
        failure = refusal.sentence
    place.session.add(source)
    if not source.is_included:
        return _left_out(place, source)
    if failure or source.file is None:
        # A file that was refused is refused again, for the same reason, until it is another one.
        earlier = source.reason if source.fingerprint else ""
        return _failed(place, source, failure or earlier or NOT_READ, content_was_read=not item.failure)
    if has_content or source.state == SourceState.LEFT_OUT:
        source.state, source.reason = SourceState.TODO, ""
        place.session.flush()
        ask_for_index(place.session, source)
        return ImportReport(added=1) if is_new else ImportReport(changed=1)
    return ImportReport(unchanged=1)


def _left_out(place: _Place, source: Source) -> ImportReport:
    place.session.flush()
    if source.state != SourceState.LEFT_OUT:
        leave_out(place.session, source)
    return ImportReport(left_out=1)


def _failed(place: _Place, source: Source, reason: str, *, content_was_read: bool) -> ImportReport:
    """What was indexed before stays readable; the next reading tries again."""
    source.state, source.reason = SourceState.FAILED, reason
    if not content_was_read:
        source.fingerprint = ""
    place.session.flush()
    return ImportReport(failed=(Failure(title=source.title, reason=reason),))


def _describe(source: Source, item: CourseItem) -> None:
    """Assigning what a row already says changes nothing in the database."""
    source.kind, source.title, source.section = item.kind, item.title, item.section
    # It becomes a link on our pages.
    source.url = item.url if (item.url or "").startswith(("https://", "http://")) else None
    source.is_hidden, source.is_restricted = item.is_hidden, item.is_restricted
    source.changed_at = source.changed_at or now()


def _keep_content(place: _Place, source: Source, item: CourseItem) -> bool:
    """Store the item's content if it is another than the kept one; raises InvalidInput for what nobody can read."""
    if item.html is not None or item.file is not None:
        source.version = item.version
    if item.html is not None:
        page = _page_of(item.title, item.html).encode()
        return _keep(place, source, io.BytesIO(page), clean_name(f"{item.title.replace('/', '-')}.html"))
    if item.file is not None:
        with item.file.path.open("rb") as stream:
            return _keep(place, source, stream, item.file.name)
    return False


def _keep(place: _Place, source: Source, stream: IO[bytes], name: str) -> bool:
    fingerprint = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    if fingerprint == source.fingerprint:
        return False
    stream.seek(0)
    # Kept also when the file is refused: the same bytes would be refused again.
    source.fingerprint, source.changed_at = fingerprint, now()
    with accept(stream, name=name, allowed=MATERIAL, max_bytes=place.most_bytes) as accepted:
        stored = place.store.put(
            place.session,
            accepted.stream,
            name=accepted.name,
            media_type=accepted.media_type,
            course_id=place.course_id,
        )
    earlier, source.file = source.file, stored
    if earlier is not None:
        place.session.flush()
        place.session.delete(earlier)
    return True


def _page_of(title: str, html: str) -> str:
    """A page of its own whose first heading is the title, so that every passage of it carries the title."""
    head = f'<html><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f"{head}\n<body><h1>{escape(title)}</h1>\n{html}\n</body></html>\n"


def _audit(place: _Place, report: ImportReport) -> None:
    if not report.has_changes:
        return
    record(
        place.session,
        "material.imported",
        course_id=place.course_id,
        actor_id=place.actor.person_id,
        actor_role=place.actor.role,
        object_type="course",
        object_id=place.course_id,
        details={
            "origin": place.origin,
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "left_out": report.left_out,
            "failed": len(report.failed),
        },
    )
