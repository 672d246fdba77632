"""One log line a request, with an id that its other lines share; the address's pattern, never its query or ids."""

import logging
import time

from flask import Flask, Response, g, request

from lti_tool.logs import accepted_id, request_id
from lti_tool.web.health.metrics import count_request

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
UNLOGGED = frozenset({"static", "health.live", "health.ready", "health.metrics"})
"""Asked every few seconds by machines; counted all the same."""


def install_request_log(app: Flask) -> None:
    """Give each request an id, say it in the answer, log and count what came of it."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_began = time.perf_counter()
    g.request_id = accepted_id(request.headers.get(HEADER))
    request_id.set(g.request_id)


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("request_began", time.perf_counter())
    endpoint = request.endpoint or "unknown"
    response.headers[HEADER] = g.get("request_id", "")
    count_request(endpoint, response.status_code, seconds)
    if endpoint not in UNLOGGED:
        fields = {
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "ms": round(seconds * 1000),
        }
        log.info("request", extra=fields)
    return response
