"""The PDF of a print run is drawn by a job: two hundred booklets take a minute."""

import io
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Placement
from lti_tool.db import transaction
from lti_tool.errors import ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime
from lti_tool.scans.sheets.codes import code_text
from lti_tool.scans.sheets.drawing import Heading, PrintedSheet, drawn
from lti_tool.scans.sheets.models import PrintRun, RunState, SheetKind
from lti_tool.scans.sheets.runs import booklets_of, codes_of, keep_file
from lti_tool.scans.sheets.setup import setup_of
from lti_tool.secrets import Secrets


@task("scans.print", retry=Retry(attempts=2), lock="print_run:{run_id}")
def print_run(runtime: Runtime, *, run_id: str, words: dict[str, str]) -> None:
    """Draw the run while no transaction is open; `words` are what the sheets say in the language of who ordered it."""
    with transaction(runtime.engine) as session:
        run = session.get_one(PrintRun, UUID(run_id))
        if run.state == RunState.READY:
            return
        course_id, sheets, heading = _what_to_draw(session, runtime.secrets, run, words)
    try:
        content = drawn(sheets, heading)
    except ToolError:
        with transaction(runtime.engine) as session:
            keep_file(session, UUID(run_id), None)
        raise
    with transaction(runtime.engine) as session:
        store = FileStore.of(runtime.settings)
        stored = store.put(
            session, io.BytesIO(content), name="booklets.pdf", media_type=MediaType.PDF, course_id=course_id
        )
        keep_file(session, UUID(run_id), stored.id)


def _what_to_draw(
    session: Session, secrets: Secrets, run: PrintRun, words: dict[str, str]
) -> tuple[int, list[PrintedSheet], Heading]:
    exam = session.get_one(Placement, run.placement_id)
    course, setup = session.get_one(Course, exam.course_id), setup_of(exam)
    sheets = [
        PrintedSheet(
            kind=SheetKind(booklet.kind),
            codes=[(code_text(secrets, code), code.readable) for code in codes_of(booklet)],
            name=booklet.person.display_name if run.has_names and booklet.person else "",
        )
        for booklet in booklets_of(session, run)
    ]
    heading = Heading(
        course=course.title,
        title=setup.title,
        subject=setup.subject,
        digits=run.digits,
        language=run.locale,
        words=words,
    )
    return course.id, sheets, heading
