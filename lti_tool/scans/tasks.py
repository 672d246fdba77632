"""Reading what came in: pictures of pages, then where each belongs; the header of each paper is drawn beforehand."""

from uuid import UUID

from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime
from lti_tool.scans import heads, piles
from lti_tool.scans.models import SentFile

LAST = -10
"""What is slow waits until every pile is read."""


@task("scans.read_pages", retry=Retry(attempts=5))
def read_pages(runtime: Runtime, *, sent_file_id: str, first: int, last: int) -> None:
    """Read some pages of a file; whichever job takes out the last one settles the file. May run twice."""
    store, numbers = FileStore.of(runtime.settings), range(first, last + 1)
    piles.read_part(runtime.engine, runtime.secrets, store, UUID(sent_file_id), numbers)
    with transaction(runtime.engine) as session:
        if heads.has_heads_to_read(session, session.get_one(SentFile, UUID(sent_file_id))):
            read_heads.enqueue(session, priority=LAST, sent_file_id=sent_file_id)


@task("scans.read_heads", retry=Retry(attempts=3), lock="scans.read_heads")
def read_heads(runtime: Runtime, *, sent_file_id: str) -> None:
    """Read printed numbers and names where nothing else says whose a page is; one file at a time. May run twice."""
    heads.read_heads_of(runtime, UUID(sent_file_id))
