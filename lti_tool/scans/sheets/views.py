"""Before the exam, for staff: what it is, what is printed for it, and who got which booklet."""

from uuid import UUID

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.scans.exam import exam_of, students
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.handover.rules import marked_from
from lti_tool.scans.readers.digits import can_read_handwriting
from lti_tool.scans.roster.numbers import entrants
from lti_tool.scans.sheets.attendance import attendance_pdf
from lti_tool.scans.sheets.drawing import SHEET_WORDS
from lti_tool.scans.sheets.runs import (
    Order,
    booklets_of,
    counts_of,
    give_out,
    given_in,
    order_run,
    run_for,
    runs_of,
)
from lti_tool.scans.sheets.setup import ExamSetup, exams_of_course, set_up, setup_of
from lti_tool.scans.sheets.tasks import print_run
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_sheets", __name__, "scans/sheets")

PRIVATE = {"Cache-Control": "private, no-store"}


@blueprint.get("/")
@guarded(Capability.HANDLE_SCANS)
def home(viewer: Viewer) -> ResponseReturnValue:
    """Setup, printing and the runs so far."""
    session = db.session()
    exam, runs, people = exam_of(session, viewer), runs_of(session, viewer), entrants(session, viewer)
    return render_template(
        "scans/sheets/home.html",
        exam=exam,
        setup=setup_of(exam),
        exams=exams_of_course(session, viewer),
        runs=runs,
        counts=counts_of(session, runs),
        entrants=people,
        unusable=sum(not entrant.is_usable for entrant in people),
        digits=NamePatterns.of_course(session, viewer.course_id).digits,
        reads_handwriting=can_read_handwriting(),
        kinds=kind_words(),
        marked_from=marked_from(exam),
    )


@blueprint.post("/setup")
@guarded(Capability.HANDLE_SCANS)
def save_setup(viewer: Viewer) -> ResponseReturnValue:
    form = request.form
    setup = ExamSetup(
        subject=form.get("subject", ""),
        title=form.get("title", ""),
        sitting=_whole(form.get("sitting", "")),
        pages=_whole(form.get("pages", "")),
        is_open="is_open" in form,
    )
    set_up(db.session(), viewer, setup)
    notify(_("Saved."))
    return _home()


@blueprint.post("/print")
@guarded(Capability.HANDLE_SCANS)
def order(viewer: Viewer) -> ResponseReturnValue:
    """Give out serials now; the PDF follows."""
    form, session = request.form, db.session()
    run = order_run(
        session,
        viewer,
        Order(
            label=form.get("label", ""),
            locale=str(get_locale()),
            has_names=form.get("for") == "students",
            people=_range(viewer) if form.get("for") == "students" else (),
            unnamed=_whole(form.get("unnamed", "")) if form.get("for") == "anybody" else 0,
            spares=_whole(form.get("spares", "") or "0"),
            continuations=_whole(form.get("continuations", "") or "0"),
            is_labels=form.get("what") == "stickers",
        ),
    )
    print_run.enqueue(session, run_id=str(run.id), words=sheet_words())
    notify(_("The PDF is being made. It appears in the list below; open this page again in a moment."), "info")
    return _home()


@blueprint.get("/runs/<uuid:run_id>")
@guarded(Capability.HANDLE_SCANS)
def run(viewer: Viewer, run_id: UUID) -> ResponseReturnValue:
    """The booklets of a run, and for whom each is."""
    session = db.session()
    found = run_for(session, viewer, run_id)
    return render_template(
        "scans/sheets/run.html",
        run=found,
        booklets=booklets_of(session, found),
        numbers={entrant.person.id: entrant.number for entrant in entrants(session, viewer)},
        kinds=kind_words(),
    )


@blueprint.post("/runs/<uuid:run_id>/given")
@guarded(Capability.HANDLE_SCANS)
def given(viewer: Viewer, run_id: UUID) -> ResponseReturnValue:
    """Lines of serial and register number, as the hall noted them."""
    session = db.session()
    found = run_for(session, viewer, run_id)
    noted = given_in(session, viewer, request.form.get("given", ""))
    give_out(session, viewer, found, noted)
    notify(_("Saved."))
    return redirect(url_for("scans_sheets.run", run_id=run_id), 303)


@blueprint.get("/runs/<uuid:run_id>/booklets.pdf")
@guarded(Capability.HANDLE_SCANS)
def pdf(viewer: Viewer, run_id: UUID) -> ResponseReturnValue:
    found = run_for(db.session(), viewer, run_id)
    if found.file is None:
        raise NotFound("run_not_ready", _("This PDF is not ready yet."))
    path = FileStore.of(current_runtime().settings).path(found.file)
    response = send_file(path, mimetype="application/pdf", as_attachment=True, download_name=_name(found.label))
    response.headers.update(PRIVATE)
    return response


@blueprint.get("/runs/<uuid:run_id>/attendance.pdf")
@guarded(Capability.HANDLE_SCANS)
def attendance(viewer: Viewer, run_id: UUID) -> ResponseReturnValue:
    """Who sits here: to be signed in the hall."""
    session = db.session()
    found = run_for(session, viewer, run_id)
    page = render_template(
        "scans/sheets/attendance.html",
        run=found,
        setup=setup_of(exam_of(session, viewer)),
        booklets=[booklet for booklet in booklets_of(session, found) if booklet.kind != "continuation"],
        numbers={entrant.person.id: entrant.number for entrant in entrants(session, viewer)},
        language=str(get_locale()).replace("_", "-"),
    )
    response = Response(attendance_pdf(page), mimetype="application/pdf")
    response.headers.update(PRIVATE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{_('attendance')}.pdf")
    return response


def sheet_words() -> dict[str, str]:
    """What stands on the sheets, in the language of who orders them."""
    return {key: _(text) for key, text in SHEET_WORDS.items()}


def kind_words() -> dict[str, str]:
    return {
        "booklet": _("Booklet"),
        "spare": _("Spare booklet"),
        "continuation": _("Further sheet"),
        "label": _("Sticker"),
    }


def _range(viewer: Viewer) -> tuple[int, ...]:
    """The students from the first to the last that the form names, in the order of their names."""
    people = [person.id for person in students(db.session(), viewer)]
    first, last = (_whole(request.form.get(name, "")) for name in ("first", "last"))
    if first not in people or last not in people:
        raise InvalidInput("student_missing", _("Choose a student."))
    return tuple(people[people.index(first) : people.index(last) + 1])


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 18:
        raise InvalidInput("number_malformed", _("Write a whole number."))
    return int(text)


def _name(label: str) -> str:
    return f"{_('booklets')}-{label}.pdf" if label else f"{_('booklets')}.pdf"


def _home() -> ResponseReturnValue:
    return redirect(url_for("scans_sheets.home"), 303)
