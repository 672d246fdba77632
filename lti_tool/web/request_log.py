"""One log line a request, with an id that its other lines share; the address's pattern, never its query or ids."""

import logging
import time

from flask import Flask, Response, g, request

from lti_tool.logs import accepted_id, request_id
from lti_tool.site_settings.file_log import apply_file_log
from lti_tool.web.database import db
from lti_tool.web.health.metrics import count_request
from lti_tool.web.runtime import current_runtime

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
LOOK_EVERY = 5
"""Seconds after which each process looks again whether a log file is wanted."""

UNLOGGED = frozenset({"static", "health.live", "health.ready", "health.metrics"})
"""Asked every few seconds by machines; counted all the same."""


class Clock:
    """Says now and then that it is time."""

    def __init__(self) -> None:
        self.next = 0.0

    def is_due(self) -> bool:
        moment = time.monotonic()
        if moment < self.next:
            return False
        self.next = moment + LOOK_EVERY
        return True


_looked = Clock()


def install_request_log(app: Flask) -> None:
    """Give each request an id, say it in the answer, log and count what came of it."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_began = time.perf_counter()
    g.request_id = accepted_id(request.headers.get(HEADER))
    request_id.set(g.request_id)
    if request.endpoint not in UNLOGGED and _looked.is_due():
        apply_file_log(db.session(), current_runtime().settings.data_dir)


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
