"""By the clock: a blind sample that is graded is given to the assistant that has not been held against it yet."""

from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.grading.agreement.models import SampledPaper
from lti_tool.grading.proposals.sample_runs import propose_by_itself
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.runtime import Runtime


@periodic("*/5 * * * *")
@task("agreement.measure", retry=NEVER)
def measure(runtime: Runtime) -> None:
    """Each activity in a transaction of its own, so that one that cannot be measured holds up no other."""
    with transaction(runtime.engine) as session:
        names = session.scalars(select(SampledPaper.placement_id).distinct()).all()
    for name in names:
        with transaction(runtime.engine) as session:
            propose_by_itself(session, session.get_one(Placement, name))
