"""Reading what came in: pictures of pages, then where each belongs; the header of each paper is drawn beforehand."""

from uuid import UUID

from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime
from lti_tool.scans import piles


@task("scans.read_pages", retry=Retry(attempts=5))
def read_pages(runtime: Runtime, *, sent_file_id: str, first: int, last: int) -> None:
    """Read some pages of a file; whichever job takes out the last one settles the file. May run twice."""
    store, numbers = FileStore.of(runtime.settings), range(first, last + 1)
    piles.read_part(runtime.engine, runtime.secrets, store, UUID(sent_file_id), numbers)
