"""Importing an archive in the background, one at a time in a course."""

from uuid import UUID

from lti_tool.content.archives.importing import import_archive
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import NEVER, task
from lti_tool.runtime import Runtime


@task("content.archive", retry=NEVER, lock="content.archive:{course_id}")
def take_in(runtime: Runtime, *, course_id: int, archive_id: str) -> None:
    """Import one archive that was sent."""
    import_archive(runtime.engine, FileStore.of(runtime.settings), UUID(archive_id))
