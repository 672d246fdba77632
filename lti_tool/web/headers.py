"""The headers of every answer: who may frame it, what it may load, and that nobody keeps a copy.

`Referrer-Policy: same-origin` sends nothing to other hosts; `no-referrer` would make browsers send `Origin: null`
with our own forms (Fetch standard, "append a request Origin header"), and the origin check needs the real one.
"""

from flask import Flask, Response, g, request

from lti_tool.web.runtime import current_runtime

PERMISSIONS = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"


def allow_forms_to(*origins: str) -> None:
    """Let a form of this page be sent to these origins (deep linking, a login that starts again)."""
    g.form_origins = (*g.get("form_origins", ()), *origins)


def security_headers(app: Flask) -> None:
    """Set them on every answer; static files may be kept, pages may not."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy())
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response


def _policy() -> str:
    viewer = g.get("viewer")
    frames = " ".join(("'self'", *(viewer.frame_origins if viewer else g.get("frame_origins", ()))))
    forms = " ".join(("'self'", *g.get("form_origins", ())))
    socket = current_runtime().settings.origin.replace("http", "ws", 1)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self' {socket}; media-src 'self' blob:; base-uri 'none'; object-src 'none'; "
        f"form-action {forms}; frame-ancestors {frames}"
    )
