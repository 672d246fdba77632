"""Each night at three (R210)."""

from lti_tool.jobs.registry import periodic, task
from lti_tool.runtime import Runtime
from lti_tool.tutor.retention.clearing import (
    clear_stale_conversations,
    clear_unasked_questions,
    clear_unsent_attachments,
)


@periodic("0 3 * * *")
@task("tutor.retention")
def clear(runtime: Runtime) -> None:
    """Delete what is older than the site keeps it."""
    clear_stale_conversations(runtime.engine)
    clear_unasked_questions(runtime.engine)
    clear_unsent_attachments(runtime.engine)
