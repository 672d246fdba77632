"""Reading a course from Moodle into the index: overview, records, then one activity after the other.

No transaction is open while Moodle is asked. Each activity is one transaction, so that what was read stays when a later
one fails, and the row of the reading moves on for whoever watches. Nothing is removed unless Moodle said what there is.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.accounts.moodle_courses import MoodleCourse, find_moodle_course
from lti_tool.content.importing import Actor, ImportReport, import_items, remove_all_but
from lti_tool.content.items import CourseItem, Origin
from lti_tool.content.moodle.changes import changed_since
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.content.moodle.module_items import CourseReading
from lti_tool.content.moodle.overview import CourseOverview, course_overview
from lti_tool.content.moodle.reading import module_items, section_items
from lti_tool.content.moodle.records import records_of
from lti_tool.content.moodle.standing import standing_of
from lti_tool.db import now, transaction
from lti_tool.errors import PlatformFailed, ToolError
from lti_tool.files.store import FileStore
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import read

log = logging.getLogger(__name__)

DEFECT = N_("Something went wrong.")


def read_course(
    runtime: Runtime, course_id: int, actor: Actor, *, is_full: bool, connect: Connect = guarded
) -> ImportReport:
    """Read a course and record how it went; what fails is said in the row of the reading, and nothing is raised."""
    try:
        with transaction(runtime.engine) as session:
            since = _begin(session, course_id)
            course = find_moodle_course(session, runtime.secrets, course_id)
        if course is None:
            raise PlatformFailed("no_token", "There is no token for this course's Moodle.")
        with MoodleClient(runtime.engine, course.access, connect=connect) as client:
            return _read(runtime, course_id, actor, course, client, since=None if is_full else since)
    except ToolError as error:
        log.warning("course_not_read", extra={"code": error.code, "course": course_id})
        with transaction(runtime.engine) as session:
            _end(session, course_id, ReadingState.FAILED, error.sentence)
        return ImportReport()
    except Exception:
        # A defect: the row must not say for ever that the course is being read.
        with transaction(runtime.engine) as session:
            _end(session, course_id, ReadingState.FAILED, DEFECT)
        raise


def _read(
    runtime: Runtime,
    course_id: int,
    actor: Actor,
    course: MoodleCourse,
    client: MoodleClient,
    *,
    since: datetime | None,
) -> ImportReport:
    began_at = now()
    overview = course_overview(client, course.number)
    _expect(runtime, course_id, len(overview.modules) + 1)
    with _reading(runtime, course_id, client, course, overview, since) as reading:
        report, keys = ImportReport(), set[str]()
        for items in _batches(reading, overview):
            keys |= {item.key for item in items}
            report += _keep(runtime, course_id, actor, items)
            _empty(reading.folder)
    with transaction(runtime.engine) as session:
        removed = remove_all_but(session, course_id, Origin.MOODLE, keys)
        report += ImportReport(removed=removed)
        _end(session, course_id, ReadingState.SUCCEEDED, "", report)
        _mark(session, course_id, began_at, is_full=reading.changed is None)
    return report


@contextmanager
def _reading(
    runtime: Runtime,
    course_id: int,
    client: MoodleClient,
    course: MoodleCourse,
    overview: CourseOverview,
    since: datetime | None,
) -> Iterator[CourseReading]:
    """What every reader needs, and a folder for the files of one activity at a time."""
    changed = changed_since(client, course.number, since)
    records = records_of(client, course.number, {module.kind for module in overview.modules})
    with transaction(runtime.engine) as session:
        standing = standing_of(session, course_id)
        most_bytes = read(session, MAX_FILE_SIZE_MB, course_id) * 1024 * 1024
    with tempfile.TemporaryDirectory(prefix="lectern-moodle-") as folder:
        yield CourseReading(
            client=client,
            records=records,
            standing=standing,
            folder=Path(folder),
            most_bytes=most_bytes,
            changed=changed,
        )


def _batches(reading: CourseReading, overview: CourseOverview) -> Iterator[list[CourseItem]]:
    yield section_items(reading, overview)
    for module in overview.modules:
        yield module_items(reading, module)


def _keep(runtime: Runtime, course_id: int, actor: Actor, items: list[CourseItem]) -> ImportReport:
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        report = import_items(session, actor, course_id, Origin.MOODLE, items, store, is_complete=False)
        session.get_one(MoodleReading, course_id).done += 1
    return report


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _begin(session: Session, course_id: int) -> datetime | None:
    """Since when Moodle is to be asked for changes."""
    row = session.get(MoodleReading, course_id) or MoodleReading(course_id=course_id)
    row.state, row.reason, row.done, row.total = ReadingState.DOING, "", 0, 0
    session.add(row)
    return row.read_at


def _expect(runtime: Runtime, course_id: int, total: int) -> None:
    with transaction(runtime.engine) as session:
        session.get_one(MoodleReading, course_id).total = total


def _end(
    session: Session, course_id: int, state: ReadingState, reason: str, report: ImportReport | None = None
) -> None:
    row = session.get_one(MoodleReading, course_id)
    row.state, row.reason, row.finished_at = state, reason, now()
    if report is not None:
        row.added, row.changed, row.removed = report.added, report.changed, report.removed
        row.failed = len(report.failed)


def _mark(session: Session, course_id: int, began_at: datetime, *, is_full: bool) -> None:
    row = session.get_one(MoodleReading, course_id)
    row.read_at = began_at
    if is_full:
        row.read_in_full_at = began_at
