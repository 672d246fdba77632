"""One handler table: an error becomes a page with a reference code and a log line with the detail."""

import logging
import secrets

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from lti_tool.errors import ToolError, split_sentence
from lti_tool.site_settings.patterns import N_
from lti_tool.web.database import db

log = logging.getLogger(__name__)


DEFAULTS = (
    N_("Something went wrong."),
    N_("You may not do this."),
    N_("This page or record does not exist, or is not yours to see."),
    N_("What was sent cannot be used."),
    N_("The learning platform did not answer as expected. Please try again later."),
    N_("The language model did not answer. Please try again later."),
)
"""What the families of errors say by themselves (errors.py)."""
REFUSALS = {
    400: N_("What was sent cannot be used. Go back, reload the page and try again."),
    404: N_("There is no page at this address. Open the activity in your course again."),
    405: N_("This address takes no such request. Open the activity in your course again."),
    413: N_("What was sent is too large."),
}
"""What the framework refuses by itself, in our words."""


def install_error_pages(app: Flask) -> None:
    """Handle our own families, the framework's refusals, and defects."""
    app.register_error_handler(ToolError, tool_error_page)
    app.register_error_handler(HTTPException, http_error_page)
    app.register_error_handler(Exception, defect_page)


def tool_error_page(error: ToolError) -> ResponseReturnValue:
    reference = _reference()
    log.warning(error.code, extra={"reference": reference, "endpoint": request.endpoint, **_details(error)})
    return _page(told(error), error.status, reference, error.code)


def told(error: ToolError) -> str:
    """The error's sentence in the language of the page."""
    sentence: str = _(error.template, **error.words)
    return sentence


def retold(sentence: str) -> str:
    """The same of a sentence that a job stored (`ToolError.sentence`)."""
    template, words = split_sentence(sentence)
    shown: str = _(template, **words) if template else ""
    return shown


def http_error_page(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    reference = _reference()
    log.info("http_error", extra={"reference": reference, "status": error.code, "endpoint": request.endpoint})
    return _page(_(REFUSALS.get(error.code, DEFAULTS[0])), error.code, reference, f"http_{error.code}")


def defect_page(error: Exception) -> ResponseReturnValue:
    """What should never happen: the page says no more than the reference."""
    reference = _reference()
    log.error("defect", exc_info=error, extra={"reference": reference, "endpoint": request.endpoint})
    return _page(_("Something went wrong on our side. Please try again."), 500, reference, "defect")


def _page(message: str, status: int, reference: str, code: str) -> ResponseReturnValue:
    db.session.rollback()
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"error": code, "message": message, "reference": reference}, int(status)
    page = render_template(
        "error.html", message=message, reference=reference, code=code, status=int(status), back=_way_back()
    )
    return page, int(status)


def _way_back() -> str | None:
    """The page of this launch that led here: in a course's frame no button of the browser's leads back."""
    before = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    is_itself = request.method == "GET" and before.partition("?")[0] == request.path
    return before if before.startswith(f"/l/{g.get('launch_id')}/") and not is_itself else None


def _details(error: ToolError) -> dict[str, str]:
    return {f"detail_{name}": str(value)[:300] for name, value in error.details.items()}


def _reference() -> str:
    g.error_reference = secrets.token_hex(4)
    reference: str = g.error_reference
    return reference
