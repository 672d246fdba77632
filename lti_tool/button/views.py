"""The button's script, what it asks on a page of a course, and the page that tells administrators how to add it."""

from babel.localedata import exists as is_known_language
from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.button.script import NEWEST, integrity_of, script_of
from lti_tool.button.tutors import FoundTutor, find_tutor, moodles, origins_of
from lti_tool.errors import NotFound
from lti_tool.lti.models import Platform
from lti_tool.site_settings.look import BOT_AVATAR, HEADER_TITLE, PRIMARY_COLOUR
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime
from lti_tool.web.theme.sheet import parsed, shown, text_on
from lti_tool.web.theme.views import FOR_A_YEAR

public_blueprint = Blueprint("button", __name__, url_prefix="/button")
blueprint = launch_blueprint("site_button", __name__, "site/button")

KEPT = 60
LARGEST = 2**63 - 1
"""What a key of the database can be."""


@public_blueprint.get("/<int:version>.js")
def script(version: int) -> ResponseReturnValue:
    """A released script, for the pages of any site: without this header a browser could not check its hash."""
    response = Response(script_of(version), mimetype="text/javascript")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response


@public_blueprint.get("/<int:platform_id>/<int:course>")
def tutor(platform_id: int, course: int) -> ResponseReturnValue:
    """Where a course's tutor is and how its button looks, readable on that platform's own pages alone."""
    if platform_id > LARGEST:
        raise NotFound("platform_unknown")
    session = db.session()
    found = find_tutor(session, platform_id, str(course))
    with force_locale(_language(request.args.get("lang", ""))):
        response = jsonify(_looks(found) if found else {})
    response.status_code = 200 if found else 404
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin in origins_of(session, platform_id):
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def page(viewer: Viewer) -> ResponseReturnValue:
    """What to paste into each registered Moodle."""
    return render_template("button/page.html", lines=[(moodle, _line(moodle)) for moodle in moodles(db.session())])


def _line(moodle: Platform) -> str:
    """An element for Moodle's own pages; nothing of it was typed by anybody."""
    address = current_runtime().settings.public_url + url_for("button.script", version=NEWEST)
    integrity = f'integrity="{integrity_of(NEWEST)}" crossorigin="anonymous"'
    return f'<script src="{address}" {integrity} data-platform="{moodle.id}" async></script>'


def _language(tag: str) -> str:
    """The first part of what the page says of its language, if there is such a one."""
    name = tag.partition("-")[0].lower()
    return name if len(name) in {2, 3} and is_known_language(name) else "en"


def _looks(found: FoundTutor) -> dict[str, object]:
    settings = found.settings
    colour, avatar = parsed(settings.read(PRIMARY_COLOUR)), settings.read(BOT_AVATAR)
    title = settings.read(HEADER_TITLE) or _("Course Assistant")
    picture = current_runtime().settings.public_url + url_for("theme.avatar", digest=avatar) if avatar else None
    return {
        "cmid": found.course_module,
        "title": title,
        "colour": shown(colour),
        "text": shown(text_on(colour)),
        "avatar": picture,
        "words": {"open": _("Open %(title)s", title=title), "close": _("Close")},
    }
