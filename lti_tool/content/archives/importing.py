"""Taking an archive in: kept when it is sent, imported by a task, in batches that each are one transaction.

Another archive of the same course replaces the earlier one; what came of other courses stays.
"""

import logging
import tempfile
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.archives.found import FoundCourse
from lti_tool.content.archives.models import CourseArchive
from lti_tool.content.archives.reading import items_of, read_archive
from lti_tool.content.archives.unpacking import has_archive_signature
from lti_tool.content.importing import Actor, ImportReport, import_items, remove_all_but, sources_of
from lti_tool.content.items import CourseItem, Origin
from lti_tool.content.models import SourceState
from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files.intake import clean_name
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.site_settings.patterns import N_

log = logging.getLogger(__name__)

BATCH = 10
OURS = N_("Something went wrong here, not in the archive. Send it again, or ask the administrator.")


def keep_archive(
    session: Session, viewer: Viewer, stream: IO[bytes], *, name: str, most_bytes: int, store: FileStore
) -> CourseArchive:
    """Keep what was sent until the task has read it; raises InvalidInput for what is too large or no archive."""
    viewer.require(Capability.MANAGE)
    name = clean_name(name)
    head, size = stream.read(4), stream.seek(0, 2)
    stream.seek(0)
    if size > most_bytes:
        most = most_bytes // 1024 // 1024
        raise InvalidInput(
            "file_too_large",
            "“%(name)s” is larger than %(most)s MB. Back the course up without its users and large films, or in parts.",
            {"name": name, "most": most},
        )
    if not has_archive_signature(head):
        raise InvalidInput(
            "archive_unknown", "“%(name)s” is neither a course backup (.mbz) nor a cartridge (.imscc).", {"name": name}
        )
    stored = store.put(session, stream, name=name, media_type=MediaType.ARCHIVE, course_id=viewer.course_id)
    archive = CourseArchive(course_id=viewer.course_id, name=name, file=stored, created_by_id=viewer.person_id)
    session.add(archive)
    session.flush()
    return archive


def import_archive(engine: Engine, store: FileStore, archive_id: UUID) -> None:
    """Read and import; whatever happens, the page says what became of it. One that is done already stays as it is."""
    with transaction(engine) as session:
        archive = session.get(CourseArchive, archive_id, with_for_update={"of": CourseArchive})
        if archive is None or archive.file is None:
            return
        archive.state = SourceState.DOING
        path, course_id = store.path(archive.file), archive.course_id
    try:
        with tempfile.TemporaryDirectory(prefix="lectern-archive-") as folder:
            found = read_archive(path, Path(folder))
            _import(engine, store, archive_id, course_id, found, Path(folder))
    except ToolError as error:
        log.warning("archive_not_imported", extra={"code": error.code, "archive": str(archive_id)})
        _end(engine, archive_id, SourceState.FAILED, error.sentence)
    except Exception:
        _end(engine, archive_id, SourceState.FAILED, OURS)
        raise
    else:
        _end(engine, archive_id, SourceState.SUCCEEDED)


def archives_of(session: Session, course_id: int) -> list[CourseArchive]:
    """The latest archives of a course, newest first."""
    return list(
        session.scalars(
            select(CourseArchive)
            .where(CourseArchive.course_id == course_id)
            .order_by(CourseArchive.created_at.desc())
            .limit(5)
            .execution_options(populate_existing=True)
        )
    )


def _import(
    engine: Engine, store: FileStore, archive_id: UUID, course_id: int, found: FoundCourse, folder: Path
) -> None:
    with transaction(engine) as session:
        archive = session.get_one(CourseArchive, archive_id)
        archive.title, archive.total, archive.done = found["title"], len(found["items"]), 0
        # A job whose worker was killed begins again.
        archive.added = archive.changed = archive.left_out = 0
        archive.failures = []
        actor = Actor(person_id=archive.created_by_id)
        is_this_course = _is_made_of(session, course_id, found)
    items = items_of(found, folder, is_this_course=is_this_course)
    while batch := list(islice(items, BATCH)):
        with transaction(engine) as session:
            origin = Origin(found["origin"])
            report = import_items(session, actor, course_id, origin, batch, store, is_complete=False)
            _add(session, archive_id, batch, report)
    with transaction(engine) as session:
        session.get_one(CourseArchive, archive_id).removed = _remove_gone(session, course_id, found)


def _add(session: Session, archive_id: UUID, batch: list[CourseItem], report: ImportReport) -> None:
    archive = session.get_one(CourseArchive, archive_id)
    archive.done += len(batch)
    archive.added += report.added
    archive.changed += report.changed
    archive.left_out += report.left_out
    archive.failures = [*archive.failures, *(asdict(failure) for failure in report.failed)]


def _remove_gone(session: Session, course_id: int, found: FoundCourse) -> int:
    """What an earlier archive of the same course had and this one has not."""
    origin, prefix = Origin(found["origin"]), f"{found['course']}/"
    others = {source.key for source in sources_of(session, course_id, origin) if not source.key.startswith(prefix)}
    return remove_all_but(session, course_id, origin, others | {item["key"] for item in found["items"]})


def _is_made_of(session: Session, course_id: int, found: FoundCourse) -> bool:
    """Whether this is the course, on the platform, that the archive was made of."""
    course = session.get_one(Course, course_id)
    issuer = course.deployment.registration.platform.issuer
    return bool(found["site"]) and (issuer, course.context_id) == (found["site"], found["number"])


def _end(engine: Engine, archive_id: UUID, state: SourceState, reason: str = "") -> None:
    """The archive itself is not kept: it may hold what nobody wants here."""
    with transaction(engine) as session:
        archive = session.get_one(CourseArchive, archive_id)
        stored, archive.file = archive.file, None
        archive.state, archive.reason, archive.finished_at = state, reason, now()
        session.flush()
        if stored is not None:
            session.delete(stored)
