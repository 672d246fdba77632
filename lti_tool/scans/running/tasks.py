"""Exports and deletions run as jobs: a class's papers take minutes. By night goes what was kept long enough."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.db import now, transaction
from lti_tool.errors import NotFound, ToolError
from lti_tool.files.store import FileStore, forget_rows
from lti_tool.jobs.registry import Retry, periodic, task
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_by_id
from lti_tool.scans.intake.parts import PartsFolder
from lti_tool.scans.models import Paper
from lti_tool.scans.running.exports import make_export
from lti_tool.scans.running.models import Export, ExportState, Purge
from lti_tool.scans.running.participants import ask_moodle
from lti_tool.scans.running.purging import begin_by_age, purge_rows, unfinished_uploads
from lti_tool.scans.states import PaperState
from lti_tool.site_settings.retention import PAPER_DAYS
from lti_tool.site_settings.store import read

EXPORTS_KEPT = timedelta(days=7)


@task("scans.export", retry=Retry(attempts=2), lock="scans.export:{export_id}")
def export_papers(runtime: Runtime, *, export_id: str) -> None:
    """Put the ZIP together; why it cannot be is kept for whoever asked, and is no failure of the job."""
    with transaction(runtime.engine) as session:
        export = session.get_one(Export, UUID(export_id))
        if export.state != ExportState.TODO:
            return
    try:
        make_export(runtime, export.id, _numbers(runtime, export))
    except ToolError as error:
        with transaction(runtime.engine) as session:
            failed = session.get_one(Export, UUID(export_id), with_for_update={"of": Export})
            failed.state, failed.reason = ExportState.FAILED, error.sentence


def _numbers(runtime: Runtime, export: Export) -> dict[int, int]:
    if not export.is_for_moodle or export.module is None:
        return {int(person_id): number for person_id, number in export.numbers.items()}
    with transaction(runtime.engine) as session:
        exam = session.get_one(Placement, export.placement_id)
        course = find_moodle_course(session, runtime.secrets, exam.course_id)
        if course is None:
            raise NotFound("no_token", "There is no token for this course's Moodle.")
        return ask_moodle(runtime, session, course, exam.course_id, export.module)


@task("scans.purge", retry=Retry(attempts=10), lock="scans.purge:{purge_id}")
def purge_exam(runtime: Runtime, *, purge_id: str) -> None:
    """Delete all rows' files in one transaction, then the bytes. Run again after a kill, it finds what is left."""
    store, parts = FileStore.of(runtime.settings), PartsFolder.of(runtime.settings)
    with transaction(runtime.engine) as session:
        purge = session.get_one(Purge, UUID(purge_id))
        exam = exam_by_id(session, purge.placement_id)
        session.refresh(purge, with_for_update={"of": Purge})
        if purge.finished_at is not None:
            return
        hashes = purge_rows(session, purge, exam)
        for upload in unfinished_uploads(session, purge):
            parts.path(upload).unlink(missing_ok=True)
    store.forget(runtime.engine, hashes)


@periodic("40 3 * * *")
@task("scans.retention")
def retain(runtime: Runtime) -> None:
    """Have the scans of exams deleted that were kept long enough, and exports that nobody will fetch any more."""
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        hashes = _drop_old_exports(session)
        for placement_id in _old_exams(session):
            purge = begin_by_age(session, exam_by_id(session, placement_id))
            if purge is not None:
                purge_exam.enqueue(session, purge_id=str(purge.id))
    store.forget(runtime.engine, hashes)


def _old_exams(session: Session) -> list[UUID]:
    """Where no paper was touched for longer than the site keeps them."""
    days = read(session, PAPER_DAYS)
    if not days:
        return []
    last = (
        select(Paper.placement_id)
        .join(Placement, Placement.id == Paper.placement_id)
        .where(Placement.kind == PlacementKind.EXAM)
        .group_by(Paper.placement_id)
        .having(
            func.max(Paper.changed_at) < now() - timedelta(days=days),
            func.bool_or(Paper.state != PaperState.PURGED),
        )
    )
    return list(session.scalars(last))


def _drop_old_exports(session: Session) -> list[str]:
    old = list(session.scalars(select(Export).where(Export.created_at < now() - EXPORTS_KEPT)))
    files = [export.file_id for export in old if export.file_id]
    for export in old:
        session.delete(export)
    session.flush()
    return forget_rows(session, files)
