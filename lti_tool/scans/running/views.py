"""Pages for whoever runs an exam: exports, what failed, answers to reports, chain of custody, deletion."""

import io
from uuid import UUID

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.grading.intake.roster import roster_of
from lti_tool.scans.exam import exam_of
from lti_tool.scans.papers import paper_for
from lti_tool.scans.running.attention import attention_count
from lti_tool.scans.running.custody_report import custody_report
from lti_tool.scans.running.drawing import printed
from lti_tool.scans.running.exports import ask_export, export_for, exports_of
from lti_tool.scans.running.marks_table import marks_csv
from lti_tool.scans.running.participants import MOST_BYTES, module_in, read_worksheet
from lti_tool.scans.running.purging import ask_purge, purges_of, what_would_go
from lti_tool.scans.running.reports import answer, reports_of
from lti_tool.scans.running.tasks import export_papers, purge_exam
from lti_tool.scans.running.troubles import troubles_of, try_again
from lti_tool.scans.words import page_words
from lti_tool.web.database import db
from lti_tool.web.error_pages import retold
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.navigation import COUNTS
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_running", __name__, "scans/running")
COUNTS["scans.home"] = attention_count
PRIVATE = {"Cache-Control": "private, no-store"}


@blueprint.get("/")
@guarded(Capability.HANDLE_SCANS)
def home(viewer: Viewer) -> ResponseReturnValue:
    """Everything of the exam that is not a paper."""
    session = db.session()
    exam = exam_of(session, viewer)
    return render_template(
        "scans/running/home.html",
        exam=exam,
        exports=exports_of(session, viewer),
        has_token=find_moodle_course(session, current_runtime().secrets, viewer.course_id) is not None,
        troubles=troubles_of(session, viewer),
        reports=reports_of(session, viewer),
        going=what_would_go(session, viewer),
        purges=purges_of(session, exam),
        words=page_words(),
        retold=retold,
    )


@blueprint.get("/marks.csv")
@guarded(Capability.GRADE)
def marks(viewer: Viewer) -> ResponseReturnValue:
    """The marks per question and in all."""
    return _file(marks_csv(db.session(), viewer).encode(), "text/csv; charset=utf-8", "marks.csv")


@blueprint.post("/exports")
@guarded(Capability.GRADE)
def export(viewer: Viewer) -> ResponseReturnValue:
    """Ask for the marked papers."""
    session, is_for_moodle = db.session(), request.form.get("names") == "moodle"
    module = module_in(request.form.get("address", "")) if is_for_moodle else None
    sheet = request.files.get("worksheet")
    content = sheet.read(MOST_BYTES + 1) if is_for_moodle and sheet else b""
    if len(content) > MOST_BYTES:
        raise InvalidInput("worksheet_large", _("This file is too large for a grading worksheet."))
    numbers = read_worksheet(roster_of(session, viewer), content) if content else {}
    # Numbers that a person gave are taken as they are: Moodle is not asked besides.
    module = None if numbers else module
    asked = ask_export(session, viewer, is_for_moodle=is_for_moodle, module=module, numbers=numbers)
    export_papers.enqueue(session, export_id=str(asked.id))
    notify(_("The papers are being put together. Open this page again in a moment."), "info")
    return _home("exports")


@blueprint.get("/exports/<uuid:export_id>/papers.zip")
@guarded(Capability.GRADE)
def papers(viewer: Viewer, export_id: UUID) -> ResponseReturnValue:
    """The ZIP, as it was put together."""
    file = export_for(db.session(), viewer, export_id).file
    assert file is not None
    path = _store().path(file)
    response = send_file(path, mimetype="application/zip", as_attachment=True, download_name=file.name)
    response.headers.update(PRIVATE)
    return response


@blueprint.get("/papers/<uuid:paper_id>/custody.pdf")
@guarded(Capability.HANDLE_SCANS)
def custody(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """Everything that is known of how the paper came to be what it is; that it was drawn is kept."""
    session = db.session()
    paper = paper_for(session, viewer, paper_id)
    report = custody_report(session, viewer, paper, current_runtime().secrets, _store())
    locale = str(get_locale()).replace("_", "-")
    html = render_template("scans/running/custody.html", report=report, words=page_words(), locale=locale)
    content = printed(html)
    audit.by(session, viewer, "scans.custody_exported", object_type="paper", object_id=paper.id)
    return _file(content, "application/pdf", "chain-of-custody.pdf")


@blueprint.post("/failed/<int:job_id>/retry")
@guarded(Capability.HANDLE_SCANS)
def retry(viewer: Viewer, job_id: int) -> ResponseReturnValue:
    try_again(db.session(), viewer, job_id)
    notify(_("It is tried again as soon as a worker is free."), "info")
    return _home("failed")


@blueprint.post("/reports/<uuid:report_id>/answer")
@guarded(Capability.HANDLE_SCANS)
def answer_report(viewer: Viewer, report_id: UUID) -> ResponseReturnValue:
    """Words for the student who reported."""
    given = answer(db.session(), viewer, report_id, request.form.get("words", ""))
    notify(_("Answered. The student sees it in the exam."))
    if paper_id := request.form.get("paper"):
        return redirect(url_for("scans_staff.paper", paper_id=UUID(paper_id)), 303)
    return _home(f"report-{given.verification_id}")


@blueprint.post("/purge")
@guarded(Capability.MANAGE)
def purge(viewer: Viewer) -> ResponseReturnValue:
    """Delete the scans for good, by somebody who typed the exam's title."""
    asked = ask_purge(
        db.session(),
        viewer,
        typed=request.form.get("title", ""),
        reason=request.form.get("reason", ""),
        is_forced="forced" in request.form,
    )
    purge_exam.enqueue(db.session(), queueing_lock=f"scans.purge:{asked.id}", purge_id=str(asked.id))
    notify(_("The scans of this exam are being deleted."), "warning")
    return _home("delete")


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    response.headers.update(PRIVATE)
    return response


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)


def _home(part: str) -> ResponseReturnValue:
    return redirect(url_for("scans_running.home", _anchor=part), 303)
