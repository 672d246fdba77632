"""Nudges for the outbox: after each approval, and every minute for retries and for what a killed worker left."""

from sqlalchemy.orm import Session

from lti_tool.gradebook import batch, readback
from lti_tool.gradebook.assignments import readback as assignments_readback
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.runtime import Runtime

PUSH = "gradebook.push"


@periodic("* * * * *")
@task(PUSH, retry=NEVER)
def push_due(runtime: Runtime) -> None:
    """Send what is due, then read back what was sent. A failed run is repeated by the next minute's."""
    batch.push_due(runtime)
    readback.read_back_due(runtime)
    assignments_readback.read_back_due(runtime)


def nudge(session: Session) -> None:
    """Look at the outbox soon after the caller's transaction is committed."""
    push_due.enqueue(session, queueing_lock=PUSH)
