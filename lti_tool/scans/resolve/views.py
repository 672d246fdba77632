"""The resolve screen for staff, and what can be done to the pages of a paper."""

from uuid import UUID

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.scans.exam import students
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import find_paper_with, pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.papers import paper_for
from lti_tool.scans.pictures import tray_picture
from lti_tool.scans.resolve.continuing import find_continued, join
from lti_tool.scans.resolve.hints import alike_pages, readings_of
from lti_tool.scans.resolve.queue import Waiting, candidates, following, page_for, waiting
from lti_tool.scans.resolve.rearranging import discard_page, move_pages, place, reorder, rotate, split, take_out
from lti_tool.scans.resolve.words import resolve_words
from lti_tool.scans.resolving import assign, confirm_match
from lti_tool.scans.steps import last_step, undo
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_resolve", __name__, "scans/resolve")
PRIVATE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}


@blueprint.get("/")
@guarded(Capability.HANDLE_SCANS)
def screen(viewer: Viewer) -> ResponseReturnValue:
    """The next thing that waits: a paper with its candidates, or when none is left a page of a tray."""
    session = db.session()
    now = waiting(session, viewer)
    chosen = [paper for paper in now.papers if str(paper.id) == request.args.get("paper")]
    paper = chosen[0] if chosen else following(now, _after())
    page = now.pages[0] if now.pages and paper is None else None
    pages = pages_of(session, paper) if paper else []
    return render_template(
        "scans/resolve/screen.html",
        waiting=now,
        paper=paper,
        page=page,
        pages=pages,
        continued=find_continued(session, viewer, paper) if paper else None,
        readings=readings_of(session, viewer, paper) if paper else [],
        alike=alike_pages(session, viewer, pages or [shown for shown in [page] if shown]),
        candidates=candidates(session, viewer, paper) if paper else [],
        students=students(session, viewer),
        twin_paper=_twin_paper(page) if page else None,
        papers=[other for other in now.papers if other.state != "disputed"],
        step=last_step(session, viewer),
        words=resolve_words(),
    )


@blueprint.post("/papers/<uuid:paper_id>/decide")
@guarded(Capability.HANDLE_SCANS)
def decide(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """The header was compared: it is this student's. Choosing and releasing are one click, and one look."""
    session, secrets = db.session(), current_runtime().secrets
    paper, person = paper_for(session, viewer, paper_id), request.form.get("other") or request.form.get("person", "")
    if not person.isdecimal() or len(person) > 18:
        raise InvalidInput("student_missing", _("Choose a student."))
    order = waiting(session, viewer)
    if int(person) != paper.person_id:
        assign(session, viewer, paper, secrets, int(person), replaces="replaces" in request.form)
        binding = paper.binding
    else:
        binding = _number(request.form.get("binding", ""))
    confirm_match(session, viewer, paper, secrets, _store(), binding=binding)
    return _next(viewer, order, paper_id)


@blueprint.post("/papers/<uuid:paper_id>/pages")
@guarded(Capability.HANDLE_SCANS)
def rearrange(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """The form under the pages: what the pressed button says, with the ticked pages."""
    session = db.session()
    paper, ticked = paper_for(session, viewer, paper_id), [_uuid(text) for text in request.form.getlist("page")]
    match request.form.get("do"):
        case "reorder":
            reorder(session, viewer, paper, _places())
        case "rotate":
            rotate(session, viewer, paper, ticked)
        case "split":
            paper = split(session, viewer, paper, ticked)
        case "move":
            target = paper_for(session, viewer, _uuid(request.form.get("target", "")))
            move_pages(session, viewer, paper, ticked, target)
            paper = target
        case "take-out":
            take_out(session, viewer, paper, ticked)
        case "discard":
            take_out(session, viewer, paper, ticked, request.form.get("reason", "") or " ")
        case _other:
            raise InvalidInput("action_unknown", _("Choose what to do."))
    notify(_("Done. It can be undone."))
    return redirect(url_for("scans_staff.paper", paper_id=paper.id, open="pages"), 303)


@blueprint.post("/papers/<uuid:paper_id>/join")
@guarded(Capability.HANDLE_SCANS)
def join_sheet(viewer: Viewer, paper_id: UUID) -> ResponseReturnValue:
    """A continuation sheet goes behind the pages of the paper that was proposed."""
    session, order = db.session(), waiting(db.session(), viewer)
    target = paper_for(session, viewer, _uuid(request.form.get("target", "")))
    join(session, viewer, paper_for(session, viewer, paper_id), target)
    notify(_("Joined. It can be undone."))
    return _next(viewer, order, paper_id)


@blueprint.post("/pages/<uuid:page_id>/place")
@guarded(Capability.HANDLE_SCANS)
def place_page(viewer: Viewer, page_id: UUID) -> ResponseReturnValue:
    """Put a page of a tray into a paper or a new one, or set it aside."""
    session = db.session()
    page, target = page_for(session, viewer, page_id), request.form.get("target", "")
    match request.form.get("do"):
        case "place" if target:
            place(session, viewer, page, paper_for(session, viewer, _uuid(target)))
        case "begin":
            place(session, viewer, page, None)
        case "discard":
            discard_page(session, viewer, page, request.form.get("reason", ""))
        case _other:
            raise InvalidInput("action_unknown", _("Choose what to do."))
    return redirect(url_for("scans_resolve.screen"), 303)


@blueprint.get("/pages/<uuid:page_id>.webp")
@guarded(Capability.HANDLE_SCANS)
def picture(viewer: Viewer, page_id: UUID) -> ResponseReturnValue:
    """A page by itself, for staff."""
    path = tray_picture(db.session(), viewer, page_for(db.session(), viewer, page_id), _store())
    response: Response = send_file(path, mimetype="image/webp")
    response.headers.update(PRIVATE)
    return response


@blueprint.post("/undo")
@guarded(Capability.HANDLE_SCANS)
def undo_step(viewer: Viewer) -> ResponseReturnValue:
    """Go back one step."""
    step = undo(db.session(), viewer, _uuid(request.form.get("step", "")), current_runtime().secrets)
    notify(_("Undone."))
    papers = list(step.before["papers"])
    return redirect(url_for("scans_resolve.screen", paper=papers[0] if papers else None), 303)


def _next(viewer: Viewer, order: Waiting, paper_id: UUID) -> ResponseReturnValue:
    """What followed this paper before it was decided, if it still waits."""
    still = {paper.id for paper in waiting(db.session(), viewer).papers}
    at = next((index for index, paper in enumerate(order.papers) if paper.id == paper_id), 0)
    rest = [*order.papers[at + 1 :], *order.papers[:at]]
    found = next((paper for paper in rest if paper.id in still), None)
    return redirect(url_for("scans_resolve.screen", paper=found.id if found else None), 303)


def _after() -> UUID | None:
    text = request.args.get("after", "")
    return _uuid(text) if text else None


def _twin_paper(page: Page) -> Paper | None:
    twin = db.session().get(Page, page.twin_id) if page.twin_id else None
    return find_paper_with(db.session(), twin) if twin else None


def _places() -> dict[UUID, int]:
    return {
        _uuid(name.removeprefix("place-")): _number(value)
        for name, value in request.form.items()
        if name.startswith("place-")
    }


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInput("number_malformed", _("Write a whole number."))
    return int(text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("id_malformed") from error


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)
