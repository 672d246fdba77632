"""Form tokens bound to a launch and its browser, and the check of where a changing request came from."""

import hashlib
import hmac
from uuid import UUID

from flask import request
from markupsafe import Markup

from lti_tool.errors import NotAllowed
from lti_tool.web.runtime import current_runtime

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(launch_id: UUID, browser_id: str) -> str:
    key = current_runtime().secrets.app_key.encode()
    return hmac.new(key, f"csrf:{launch_id}:{browser_id}".encode(), hashlib.sha256).hexdigest()


def csrf_input(launch_id: UUID, browser_id: str) -> Markup:
    """The hidden field of every form that changes something."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token(launch_id, browser_id))


def check_changing_request(launch_id: UUID, browser_id: str) -> None:
    """Raises NotAllowed unless the request came from our own page of this launch."""
    if request.method in SAFE_METHODS:
        return
    require_own_origin()
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode(), csrf_token(launch_id, browser_id).encode()):
        raise NotAllowed("form_token_wrong", "This form is no longer valid. Reload the page and try again.")


def require_own_origin() -> None:
    """Browsers send `Origin` with every changing request and every socket handshake."""
    if request.headers.get("Origin") != current_runtime().settings.origin:
        raise NotAllowed("foreign_origin", "This request did not come from a page of this tool.")
