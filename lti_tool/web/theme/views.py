"""GET /theme.css: a file of its own, because the content security policy forbids styles in pages."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from lti_tool.site_settings.catalogue import PRIMARY_COLOUR, SECONDARY_COLOUR
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.theme.sheet import theme_sheet

public_blueprint = Blueprint("theme", __name__)
KEPT = 60


@public_blueprint.get("/theme.css")
def sheet() -> ResponseReturnValue:
    """A change is seen within a minute, without emptying any cache."""
    session = db.session()
    content = theme_sheet(read(session, PRIMARY_COLOUR), read(session, SECONDARY_COLOUR))
    return Response(content, mimetype="text/css", headers={"Cache-Control": f"public, max-age={KEPT}"})
