"""Every hour the end of the audit is signed."""

from lti_tool.accounts.audit.checkpoints import sign_head
from lti_tool.db import transaction
from lti_tool.jobs.registry import periodic, task
from lti_tool.runtime import Runtime


@periodic("17 * * * *")
@task("audit.sign")
def sign(runtime: Runtime) -> None:
    """Sign what was added since the last hour."""
    with transaction(runtime.engine) as session:
        sign_head(session, runtime.secrets.app_key)
