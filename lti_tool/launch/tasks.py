"""What launches leave behind is cleared away: unfinished logins, spent nonces, launches that have expired."""

from datetime import timedelta

from sqlalchemy import delete

from lti_tool.accounts.models import BoundLaunch
from lti_tool.db import now, transaction
from lti_tool.jobs.registry import periodic, task
from lti_tool.lti.models import LoginAttempt, UsedNonce
from lti_tool.runtime import Runtime

EXPIRED_LAUNCH_KEPT = timedelta(days=1)
"""A page left open says “expired, open it again”, not “unknown”."""


@periodic("20 * * * *")
@task("launch.clear")
def clear(runtime: Runtime) -> None:
    """Delete what can no longer be used."""
    with transaction(runtime.engine) as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.expires_at < now()))
        session.execute(delete(UsedNonce).where(UsedNonce.expires_at < now()))
        session.execute(delete(BoundLaunch).where(BoundLaunch.expires_at < now() - EXPIRED_LAUNCH_KEPT))
