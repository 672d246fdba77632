"""Nudges for the deliveries: after each change of a paper or a grade, every minute for what waits, and at night."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery import marked as marked  # its registration is what the gradebook asks
from lti_tool.scans.delivery import outbox, watching
from lti_tool.scans.delivery.arranging import arrange
from lti_tool.scans.delivery.keys import forget_old_keys
from lti_tool.scans.delivery.models import DeliveryTarget

DELIVER = "scans.deliver"


@periodic("* * * * *")
@task(DELIVER, retry=NEVER)
def deliver_due(runtime: Runtime) -> None:
    """Bring what there must be into line with papers and grades, then deliver what is due."""
    with transaction(runtime.engine) as session:
        targets = list(session.scalars(select(DeliveryTarget.id).where(DeliveryTarget.is_active)))
        forget_old_keys(session)
    for target_id in targets:
        with transaction(runtime.engine) as session:
            arrange(session, session.get_one(DeliveryTarget, target_id))
    outbox.deliver_due(runtime)


@periodic("40 3 * * *")
@task("scans.compare_deliveries", retry=NEVER)
def compare_deliveries(runtime: Runtime) -> None:
    """Look whether what was handed in still lies there."""
    watching.compare_all(runtime)


def nudge(session: Session) -> None:
    """Look soon after the caller's transaction is committed."""
    deliver_due.enqueue(session, queueing_lock=DELIVER)
