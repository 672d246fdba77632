"""Staff handle the papers of an exam: upload, whose each is, from when on it may be marked."""

from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.files.virus_scan import VirusScan
from lti_tool.scans.board import board, grades_by_person
from lti_tool.scans.deadlines import (
    accept_on_behalf,
    deadline_of,
    is_over,
    read_moment,
    remind,
    reminders_of,
    set_deadline,
)
from lti_tool.scans.exam import exam_of, set_subject, students, subject_of
from lti_tool.scans.handover.showing import on_desk
from lti_tool.scans.intake.listing import received_files
from lti_tool.scans.intake.parts import PartsFolder, archives_among, keep_archive
from lti_tool.scans.intake.tasks import take_in_upload
from lti_tool.scans.matching import propose_again
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.settling import PROBABLY_BLANK
from lti_tool.scans.papers import paper_for
from lti_tool.scans.resolve.queue import trays, waiting
from lti_tool.scans.resolve.words import resolve_words
from lti_tool.scans.resolving import assign, confirm_match, discard, find_discard, take_back
from lti_tool.scans.running.attention import attention
from lti_tool.scans.running.reports import reports_on
from lti_tool.scans.states import REARRANGED
from lti_tool.scans.steps import last_step
from lti_tool.scans.uploads import take_uploads
from lti_tool.scans.verifications import history_of, is_genuine
from lti_tool.scans.words import page_words
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.outcomes import told_of
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_staff", __name__, "scans/staff")


def staff_page(viewer: Viewer) -> str:
    """The board: what is to be done, upload, and what is done."""
    return render_template(
        "scans/staff.html",
        **_board(viewer),
        batch=uuid4(),
        most_megabytes=read(db.session(), MAX_FILE_SIZE_MB, viewer.course_id),
    )


@blueprint.get("/board")
@guarded(Capability.HANDLE_SCANS)
def lists(viewer: Viewer) -> ResponseReturnValue:
    """What is to be done alone, for the script that shows what an upload added."""
    return render_template("scans/_board.html", **_board(viewer))


@blueprint.get("/papers")
@guarded(Capability.HANDLE_SCANS)
def papers(viewer: Viewer) -> ResponseReturnValue:
    """The rest of the board, for the same script."""
    return render_template("scans/_papers.html", **_board(viewer))


@blueprint.post("/subject")
@guarded(Capability.HANDLE_SCANS)
def subject(viewer: Viewer) -> ResponseReturnValue:
    set_subject(db.session(), viewer, request.form.get("code", ""))
    propose_again(db.session(), viewer)
    notify(_("Saved."))
    return _home()


@blueprint.post("/upload")
@guarded(Capability.HANDLE_SCANS)
def upload(viewer: Viewer) -> ResponseReturnValue:
    """Several files by the form, or one at a time by the script, which asks for JSON."""
    sent = [Upload(name=file.filename or "", stream=file.stream) for file in request.files.getlist("files")]
    sent = [file for file in sent if file.name]
    if not sent:
        raise InvalidInput("no_file", _("Choose at least one file."))
    batch_id = _uuid(request.form.get("batch", ""))
    archives, sent = archives_among(sent)
    for archive in archives:
        upload = keep_archive(db.session(), viewer, _parts(), archive, batch_id)
        take_in_upload.enqueue(db.session(), upload_id=str(upload.id), role=str(viewer.role))
    scan = VirusScan.of(current_runtime().settings.virus_scan)
    outcomes = take_uploads(db.session(), viewer, sent, _store(), batch_id=batch_id, scan=scan)
    outcomes += [Outcome(name=archive.name) for archive in archives]
    if request.accept_mimetypes.best == "application/json":
        return [{"name": outcome.name, "reason": told_of(outcome)} for outcome in outcomes]
    _tell(outcomes)
    return _home()


@blueprint.post("/match")
@guarded(Capability.HANDLE_SCANS)
def match(viewer: Viewer) -> ResponseReturnValue:
    """Read the names of unmatched papers again, after the roster has changed."""
    found = propose_again(db.session(), viewer)
    notify(ngettext("%(num)d paper found its student.", "%(num)d papers found their students.", found), "info")
    return _home()


@blueprint.post("/confirm")
@guarded(Capability.HANDLE_SCANS)
def confirm_matches(viewer: Viewer) -> ResponseReturnValue:
    """The button of one row, the ticked rows, or all rows that were on the page: each names the binding it showed."""
    picked = request.form.getlist("one") or request.form.getlist("shown" if "all" in request.form else "tick")
    if not picked:
        raise InvalidInput("nothing_picked", _("Tick at least one paper."))
    for paper_id, binding in sorted(_id_and_binding(value) for value in picked):
        paper = paper_for(db.session(), viewer, paper_id)
        confirm_match(db.session(), viewer, paper, current_runtime().secrets, _store(), binding=binding)
    notify(ngettext("%(num)d paper released.", "%(num)d papers released.", len(picked)))
    return _home() if len(picked) != 1 or "open" not in request.form else _paper(_id_and_binding(picked[0])[0])


@blueprint.get("/papers/<uuid:paper_id>")
@guarded(Capability.HANDLE_SCANS)
def paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """One paper for staff: what it is, what was said about it, its pages, and what can be done."""
    session, secrets = db.session(), current_runtime().secrets
    found = paper_for(session, viewer, paper_id)
    records = history_of(session, found)
    return render_template(
        "scans/paper.html",
        paper=found,
        exam=exam_of(session, viewer),
        is_over=is_over(exam_of(session, viewer)),
        pages=pages_of(session, found),
        is_open=found.state in REARRANGED,
        others=[other for other in waiting(session, viewer).papers if other.id != found.id],
        step=last_step(session, viewer),
        blank_below=PROBABLY_BLANK,
        students=students(session, viewer),
        records=[(record, is_genuine(secrets, record)) for record in records],
        discard=find_discard(session, found),
        reports=reports_on(session, found),
        grade=grades_by_person(session, viewer).get(found.person_id or 0),
        desk=on_desk(session, viewer, found),
        words=resolve_words(),
    )


@blueprint.post("/papers/<uuid:paper_id>/assign")
@guarded(Capability.HANDLE_SCANS)
def assign_paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    found, person = paper_for(db.session(), viewer, paper_id), request.form.get("person", "")
    if not person.isdecimal() or len(person) > 18:
        raise InvalidInput("student_missing", _("Choose a student."))
    assign(
        db.session(),
        viewer,
        found,
        current_runtime().secrets,
        int(person),
        replaces="replaces" in request.form,
    )
    notify(_("Proposed. Compare the header with the name, then confirm the match."), "info")
    return _paper(paper_id)


@blueprint.post("/papers/<uuid:paper_id>/take-back")
@guarded(Capability.HANDLE_SCANS)
def take_paper_back(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    found = paper_for(db.session(), viewer, paper_id)
    take_back(db.session(), viewer, found, current_runtime().secrets, request.form.get("reason", ""))
    notify(_("Taken back: no student sees this paper now."))
    return _paper(paper_id)


@blueprint.post("/papers/<uuid:paper_id>/discard")
@guarded(Capability.HANDLE_SCANS)
def discard_paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    discard(db.session(), viewer, paper_for(db.session(), viewer, paper_id), request.form.get("reason", ""))
    notify(_("Discarded. The file and its history are kept."))
    return _home()


@blueprint.post("/papers/<uuid:paper_id>/accept")
@guarded(Capability.HANDLE_SCANS)
def accept_paper(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """After the deadline, on behalf of a student who has not answered."""
    found = paper_for(db.session(), viewer, paper_id)
    accept_on_behalf(db.session(), viewer, found, current_runtime().secrets, _store())
    notify(_("Accepted on behalf of the student, and recorded as such."))
    return _paper(paper_id)


@blueprint.post("/deadline")
@guarded(Capability.HANDLE_SCANS)
def deadline(viewer: Viewer) -> ResponseReturnValue:
    """Until when students confirm."""
    set_deadline(db.session(), viewer, read_moment(request.form.get("until-utc") or request.form.get("until", "")))
    notify(_("Saved."))
    return _home()


@blueprint.post("/remind")
@guarded(Capability.HANDLE_SCANS)
def remind_students(viewer: Viewer) -> ResponseReturnValue:
    """Ask everybody who has not confirmed once more."""
    asked = remind(db.session(), viewer)
    notify(ngettext("%(num)d student reminded.", "%(num)d students reminded.", len(asked)))
    return _home()


def _board(viewer: Viewer) -> dict[str, object]:
    session = db.session()
    exam, now, received = exam_of(session, viewer), board(session, viewer), received_files(session, viewer)
    return {
        "exam": exam,
        "subject": subject_of(exam),
        "board": now,
        "words": page_words(),
        "deadline": deadline_of(exam),
        "is_over": is_over(exam),
        "reminders": reminders_of(session, now.shown),
        "trays": trays(session, viewer),
        "received": received,
        "attention": attention(session, viewer),
        "is_unfinished": received.is_unfinished,
    }


def _tell(outcomes: list[Outcome]) -> None:
    accepted = sum(outcome.is_accepted for outcome in outcomes)
    if accepted:
        notify(ngettext("%(num)d file received.", "%(num)d files received.", accepted))
    for outcome in outcomes:
        if not outcome.is_accepted:
            notify(told_of(outcome), "danger")


def _parts() -> PartsFolder:
    return PartsFolder.of(current_runtime().settings)


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)


def _home() -> ResponseReturnValue:
    return redirect(url_for("scans.home"), 303)


def _paper(paper_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("scans_staff.paper", paper_id=paper_id), 303)


def _id_and_binding(text: str) -> tuple[UUID, int]:
    paper_id, _colon, binding = text.partition(":")
    if not binding.isdecimal() or len(binding) > 9:
        raise InvalidInput("paper_malformed")
    return _uuid(paper_id), int(binding)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("id_malformed") from error
