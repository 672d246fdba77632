"""The paper exam (pages.md): one address for staff and students; the pictures of a paper; the student's answers."""

from pathlib import Path
from uuid import UUID

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.grading.feedback_page import feedback_for
from lti_tool.grading.submissions import own_attempts
from lti_tool.scans.confirming import claim, confirm, report
from lti_tool.scans.deadlines import deadline_of, reminders_of
from lti_tool.scans.exam import exam_of
from lti_tool.scans.handover.showing import on_desk
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.settling import PROBABLY_BLANK
from lti_tool.scans.papers import find_own_paper, find_paper_of, header_for, is_claimed, own_paper_for, pages_for
from lti_tool.scans.pictures import header_picture, page_picture
from lti_tool.scans.running.purging import find_purge
from lti_tool.scans.running.reports import own_reports
from lti_tool.scans.staff.views import staff_page
from lti_tool.scans.states import Report, VerificationKind
from lti_tool.scans.verifications import find_verification, receipt_of
from lti_tool.scans.words import page_words, receipt_text
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans", __name__)
PRIVATE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}


@blueprint.get("/")
@guarded(Capability.USE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The board for staff, their own paper for students."""
    return staff_page(viewer) if viewer.may(Capability.HANDLE_SCANS) else _student_page(viewer)


@blueprint.get("/review")
@guarded(Capability.USE)
def review(viewer: Viewer) -> ResponseReturnValue:
    """A gradebook's link to one student's work: staff get it on the desk, or else the paper; all others their own."""
    session, person_id = db.session(), viewer.reviewed_person_id
    if not viewer.may(Capability.HANDLE_SCANS):
        return redirect(url_for("scans.home"), 303)
    paper = find_paper_of(session, viewer, person_id)
    if paper is not None and viewer.may(Capability.GRADE) and exam_of(session, viewer).points is not None:
        desk = on_desk(session, viewer, paper)
        if desk.work is not None or desk.hides_names:
            return redirect(url_for("grading.review"), 303)
    if paper is None:
        return render_template("scans/no_paper.html")
    return redirect(url_for("scans_staff.paper", paper_id=paper.id), 303)


@blueprint.get("/papers/<uuid:paper_id>/header.webp")
@guarded(Capability.USE)
def header(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    found = header_for(db.session(), viewer, paper_id)
    return _picture(header_picture(db.session(), viewer, found, _store()))


@blueprint.get("/papers/<uuid:paper_id>/pages/<int:number>.webp")
@guarded(Capability.USE)
def page(viewer: Viewer, paper_id: UUID, number: int) -> ResponseReturnValue:
    found = pages_for(db.session(), viewer, paper_id)
    return _picture(page_picture(db.session(), viewer, found, _store(), number))


@blueprint.post("/papers/<uuid:paper_id>/header")
@guarded(Capability.USE)
def answer_header(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """The student's "yes, mine" or "no": after a "no" nothing of the paper is shown."""
    found, secrets = own_paper_for(db.session(), viewer, paper_id), current_runtime().secrets
    match request.form.get("mine"):
        case "yes":
            claim(db.session(), viewer, found, secrets)
        case "no":
            report(db.session(), viewer, found, secrets, Report.NOT_MINE)
        case _other:
            raise InvalidInput("answer_missing", _("Say whether this is yours."))
    return _home()


@blueprint.post("/papers/<uuid:paper_id>/confirm")
@guarded(Capability.USE)
def confirm_paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    found = own_paper_for(db.session(), viewer, paper_id)
    confirm(db.session(), viewer, found, current_runtime().secrets, _store())
    return _home()


@blueprint.post("/papers/<uuid:paper_id>/report")
@guarded(Capability.USE)
def report_paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    found = own_paper_for(db.session(), viewer, paper_id)
    if request.form.get("report") not in list(Report):
        raise InvalidInput("report_missing", _("Say what is wrong."))
    problem, message = Report(request.form["report"]), request.form.get("message", "")
    report(db.session(), viewer, found, current_runtime().secrets, problem, message)
    return _home()


@blueprint.get("/papers/<uuid:paper_id>/receipt.txt")
@guarded(Capability.USE)
def receipt(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """The receipt of the student's own confirmation, to keep."""
    session = db.session()
    found = own_paper_for(session, viewer, paper_id)
    record = receipt_of(session, found)
    if record is None:
        raise InvalidInput("no_receipt", _("You have not confirmed this paper yet."))
    text = receipt_text(exam_of(session, viewer).title, found, record)
    headers = PRIVATE | {"Content-Disposition": 'attachment; filename="receipt.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _student_page(viewer: Viewer) -> str:
    session = db.session()
    exam, own = exam_of(session, viewer), find_own_paper(session, viewer)
    return render_template(
        "scans/student.html",
        exam=exam,
        paper=own,
        is_claimed=own is not None and is_claimed(session, own),
        pages=pages_of(session, own) if own else [],
        blank_below=PROBABLY_BLANK,
        receipt=own and receipt_of(session, own),
        deadline=deadline_of(exam),
        reminded=own and reminders_of(session, [own]).get(own.id),
        reported=own and find_verification(session, own, VerificationKind.PROBLEM),
        reports=own_reports(session, viewer),
        purge=find_purge(session, exam),
        work=next(iter(own_attempts(session, viewer)), None),
        **feedback_for(session, viewer, exam, _store()),
        words=page_words(),
    )


def _picture(path: Path) -> Response:
    response = send_file(path, mimetype="image/webp")
    response.headers.update(PRIVATE)
    return response


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)


def _home() -> ResponseReturnValue:
    return redirect(url_for("scans.home"), 303)
