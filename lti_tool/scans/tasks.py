"""The header of each paper is drawn soon after its upload: a board of twenty waits for none of them."""

from uuid import UUID

from lti_tool.db import transaction
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import NEVER, task
from lti_tool.runtime import Runtime
from lti_tool.scans import pictures


@task("scans.draw_header", retry=NEVER)
def draw_header(runtime: Runtime, *, file_id: str) -> None:
    """Draw it while no transaction is open; if this fails, whoever first looks has it drawn."""
    with transaction(runtime.engine) as session:
        stored = session.get_one(StoredFile, UUID(file_id))
    pictures.draw_header(FileStore.of(runtime.settings), stored)
