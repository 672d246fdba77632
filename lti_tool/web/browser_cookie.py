"""The one cookie: a random browser id that a launch is bound to.

`__Host-lectern` is Partitioned, so it works in a cross-site frame where third-party cookies are blocked. On plain
loopback http some browsers refuse `Secure`, so there, and only there, `lectern` is set beside it.
"""

import secrets

from flask import Response, g, request

from lti_tool.web.runtime import current_runtime

NAME = "__Host-lectern"
LOOPBACK_NAME = "lectern"
LIFETIME = 60 * 60 * 24 * 30


def browser_id() -> str | None:
    """The id that the browser sent, if it sent one."""
    given = request.cookies.get(NAME)
    if given is None and current_runtime().settings.is_loopback_http:
        given = request.cookies.get(LOOPBACK_NAME)
    return given or None


def remember_browser(response: Response) -> str:
    """Give the browser an id, or keep the one it has, and return it."""
    chosen: str = browser_id() or g.get("new_browser_id") or secrets.token_urlsafe(32)
    g.new_browser_id = chosen
    response.set_cookie(
        NAME, chosen, max_age=LIFETIME, secure=True, httponly=True, samesite="None", partitioned=True, path="/"
    )
    if current_runtime().settings.is_loopback_http:
        response.set_cookie(LOOPBACK_NAME, chosen, max_age=LIFETIME, httponly=True, samesite="Lax", path="/")
    return chosen
