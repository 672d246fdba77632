"""The site's own look: a style sheet, because the content security policy forbids styles in pages, and a picture."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from lti_tool.errors import NotFound
from lti_tool.site_settings.look import PRIMARY_COLOUR, SECONDARY_COLOUR
from lti_tool.site_settings.models import Avatar
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.theme.sheet import theme_sheet

public_blueprint = Blueprint("theme", __name__)
KEPT = 60
FOR_A_YEAR = "public, max-age=31536000, immutable"


@public_blueprint.get("/theme.css")
def sheet() -> ResponseReturnValue:
    """A change is seen within a minute, without emptying any cache."""
    session = db.session()
    content = theme_sheet(read(session, PRIMARY_COLOUR), read(session, SECONDARY_COLOUR))
    return Response(content, mimetype="text/css", headers={"Cache-Control": f"public, max-age={KEPT}"})


@public_blueprint.get("/avatar/<digest>.webp")
def avatar(digest: str) -> ResponseReturnValue:
    """The tutor's picture, by its digest: another picture has another address."""
    found = db.session().get(Avatar, digest)
    if found is None:
        raise NotFound("avatar_unknown")
    return Response(found.image, mimetype="image/webp", headers={"Cache-Control": FOR_A_YEAR})
