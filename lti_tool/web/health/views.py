"""GET /healthz, /readyz and /metrics: the pages that machines read."""

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from lti_tool.content.extraction.recognition import is_installed, runs_networks
from lti_tool.errors import NotAllowed
from lti_tool.web.database import db
from lti_tool.web.health.metrics import exposition
from lti_tool.web.health.readiness import readiness
from lti_tool.web.runtime import current_runtime

public_blueprint = Blueprint("health", __name__)


@public_blueprint.get("/healthz")
def live() -> ResponseReturnValue:
    """The process answers; and what this site can read on scans, which nothing else depends on."""
    return {"status": "live", "text_recognition": is_installed(), "handwriting": runs_networks()}


@public_blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """503 while the database, the queue or a migration is missing."""
    found = readiness(current_runtime().engine)
    parts = {"database": found.database, "queue": found.queue, "migrations": found.migrations}
    return {"status": "ready" if found.is_ready else "not ready", **parts}, 200 if found.is_ready else 503


@public_blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """For whoever has the token, or asks from this very machine."""
    if not (_has_token() or _is_local()):
        raise NotAllowed("metrics_closed", "Metrics need the token of LECTERN_METRICS_TOKEN.")
    return Response(exposition(db.session()), content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    token = current_runtime().settings.metrics_token
    given = request.headers.get("Authorization", "").encode()
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())


def _is_local() -> bool:
    """A request that a proxy passed on comes from elsewhere, even if the proxy runs here."""
    if (
        current_runtime().settings.metrics_token
        or "X-Forwarded-For" in request.headers
        or "Forwarded" in request.headers
    ):
        return False
    return ip_address(request.remote_addr or "0.0.0.0").is_loopback
