"""The addresses that platforms know: login, launch, key set, and what follows a launch until its view is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import PlacementKind, ResourceLink
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import origin_of
from lti_tool.db import transaction
from lti_tool.errors import NotFound, ToolError
from lti_tool.launch import picker
from lti_tool.launch.choices import GRADED, Choices, read_choices
from lti_tool.launch.enter import Entered, enter
from lti_tool.launch.placements import set_up
from lti_tool.launch.refusals import note_refusal
from lti_tool.launch.restart import restart_of
from lti_tool.launch.start import start
from lti_tool.lti.addresses import login_url
from lti_tool.lti.claims import Message
from lti_tool.lti.keys import key_set
from lti_tool.lti.launch import UnboundLaunch, receive
from lti_tool.lti.login import StartedLogin
from lti_tool.web.browser_cookie import browser_id, remember_browser
from lti_tool.web.csrf import require_own_origin
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.headers import allow_forms_to
from lti_tool.web.homes import HOMES, REVIEWS
from lti_tool.web.runtime import current_runtime

public_blueprint = Blueprint("lti", __name__, url_prefix="/lti")
blueprint = launch_blueprint("launch", __name__)

ANY_FRAME = ("https:", "http:")
"""A refusal must be visible in whatever frame it happens: its page holds a sentence and nothing to click."""
KEY_SET_KEPT = 300


@public_blueprint.before_request
def show_refusals_in_frames() -> None:
    g.frame_origins = ANY_FRAME


@public_blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """A platform asks for a login: remember it for this browser and go to the platform's authorization endpoint."""
    runtime = current_runtime()
    response = Response(status=302)
    started = start(
        db.session(),
        runtime.settings,
        runtime.secrets,
        request.values.to_dict(),
        browser_id=remember_browser(response),
        address=request.remote_addr or "",
    )
    if started.storage_target is not None:
        return _storage_page(response, started)
    response.location = started.redirect_url
    return response


@public_blueprint.post("/launch")
def launch() -> ResponseReturnValue:
    """The platform's answer: a bound launch, or a page that says how to get one."""
    runtime = current_runtime()
    with _refusals_noted():
        outcome = receive(db.session(), runtime.settings, request.form, browser_id=_shown_browser_id())
        browser = browser_id()
        if isinstance(outcome, UnboundLaunch):
            return _unbound_page(outcome)
        assert browser is not None, "only a browser that showed an id is bound"
        entered = enter(db.session(), outcome, browser_id=browser)
    return redirect(_landing(entered, outcome.message), code=303)


@public_blueprint.get("/jwks.json")
def jwks() -> ResponseReturnValue:
    """Our public keys."""
    response = jsonify(key_set(db.session(), current_runtime().secrets))
    response.headers["Cache-Control"] = f"public, max-age={KEY_SET_KEPT}"
    return response


@public_blueprint.before_request
def take_launch_id_of_form() -> None:
    """The picker posts to an address that every launch shares; the form names the launch, the guard checks it."""
    if request.endpoint == "lti.deep_link":
        try:
            g.launch_id = UUID(request.form.get("launch_id", ""))
        except ValueError as error:
            raise NotFound("launch_unknown") from error


@public_blueprint.post("/deep-link")
@guarded(Capability.MANAGE)
def deep_link(viewer: Viewer) -> ResponseReturnValue:
    """Place the chosen activities and hand the signed items to the platform."""
    runtime = current_runtime()
    settings = picker.settings_of(db.session(), viewer)
    choices = Choices(chosen=(), errors={})
    if "cancel" not in request.form:
        choices = _choices(multiple=settings.accepts_multiple)
    if choices.errors:
        return _picker_page(choices, multiple=settings.accepts_multiple), 422
    answer = picker.answer(db.session(), runtime.settings, runtime.secrets, viewer, choices.chosen)
    allow_forms_to(origin_of(answer.return_url))
    return render_template("launch/deep_link_response.html", answer=answer, count=len(choices.chosen))


@blueprint.get("/picker")
@guarded(Capability.MANAGE)
def choose(viewer: Viewer) -> ResponseReturnValue:
    """The cards a teacher chooses from."""
    settings = picker.settings_of(db.session(), viewer)
    return _picker_page(Choices(chosen=(), errors={}), multiple=settings.accepts_multiple)


@blueprint.get("/setup")
@guarded(Capability.USE)
def setup(viewer: Viewer) -> ResponseReturnValue:
    """A link without a placement: a teacher says what it is, a student waits."""
    if viewer.placement_kind is not None:
        return redirect(url_for(HOMES[PlacementKind(viewer.placement_kind)]), code=303)
    if not viewer.may(Capability.MANAGE):
        return render_template("launch/wait.html")
    return _setup_page(viewer, Choices(chosen=(), errors={}))


@blueprint.post("/setup")
@guarded(Capability.MANAGE)
def set_up_link(viewer: Viewer) -> ResponseReturnValue:
    choices = _choices(multiple=False)
    if choices.errors:
        return _setup_page(viewer, choices), 422
    placement = set_up(db.session(), viewer, choices.chosen[0])
    return redirect(url_for(HOMES[PlacementKind(placement.kind)]), code=303)


@contextmanager
def _refusals_noted() -> Iterator[None]:
    """What is kept of a refused launch is kept apart from the request's own transaction, which rolls back."""
    try:
        yield
    except ToolError as error:
        db.session.rollback()
        with transaction(current_runtime().engine) as apart:
            note_refusal(apart, request.form.get("state", ""), error)
        raise


def _shown_browser_id() -> str | None:
    """The cookie's id, or the one that the platform kept for us and our own page then posted."""
    proof = request.form.get("browser_proof")
    if proof is None:
        return browser_id()
    require_own_origin()
    return proof if browser_id() else None


def _storage_page(response: Response, started: StartedLogin) -> Response:
    """Let the platform keep the browser id, too, in case the cookie does not come back."""
    g.frame_origins = (started.platform_origin,)
    response.status_code = 200
    response.content_type = "text/html; charset=utf-8"
    response.set_data(render_template("launch/onward.html", started=started, browser=g.new_browser_id))
    return response


def _unbound_page(unbound: UnboundLaunch) -> Response:
    """No cookie came: ask the platform's storage if it has one, and offer a new window in any case."""
    restart = restart_of(unbound, login_url(current_runtime().settings))
    g.frame_origins = (origin_of(unbound.issuer), unbound.platform_origin)
    allow_forms_to(origin_of(unbound.issuer), unbound.platform_origin)
    response = Response(content_type="text/html; charset=utf-8")
    asks_storage = unbound.storage_target is not None and "browser_proof" not in request.form
    if asks_storage:
        # The page posts back from our own origin; only if this cookie comes along can a launch be kept at all.
        remember_browser(response)
    response.set_data(
        render_template(
            "launch/unbound.html", unbound=unbound, restart=restart, form=request.form, asks_storage=asks_storage
        )
    )
    return response


def _landing(entered: Entered, message: Message) -> str:
    """The page of the placement, or the one that leads to it."""
    launch_id, kind = entered.launch_id, entered.placement_kind
    if message is Message.DEEP_LINKING:
        return url_for("launch.choose", launch_id=launch_id)
    if kind is None:
        return url_for("launch.setup", launch_id=launch_id)
    review = REVIEWS.get(kind) if message is Message.SUBMISSION_REVIEW else None
    return url_for(review or HOMES[kind], launch_id=launch_id)


def _choices(*, multiple: bool) -> Choices:
    return read_choices(request.form.getlist("kind"), request.form.to_dict(), multiple=multiple)


def _picker_page(choices: Choices, *, multiple: bool) -> str:
    return render_template(
        "launch/picker.html", kinds=list(PlacementKind), graded=GRADED, choices=choices, multiple=multiple
    )


def _setup_page(viewer: Viewer, choices: Choices) -> str:
    link = db.session.get_one(ResourceLink, viewer.resource_link_id)
    return render_template(
        "launch/setup.html", kinds=list(PlacementKind), graded=GRADED, choices=choices, multiple=False, link=link
    )
