"""Marked copies that take long are made by a job."""

from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Review
from lti_tool.grading.pagemarks.copies import marked_copy
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime


@task("grading.marked_copy", retry=Retry(attempts=3), lock="grading.marked_copy:{review_id}")
def make_copy(runtime: Runtime, *, review_id: int) -> None:
    """Run again, it finds the copy and makes none."""
    with transaction(runtime.engine) as session:
        marked_copy(session, FileStore.of(runtime.settings), session.get_one(Review, review_id))
