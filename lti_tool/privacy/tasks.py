"""Erasing and forgetting run as jobs: rows in one transaction, then the bytes; the nightly sweep takes what is left."""

from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import Retry, periodic, task
from lti_tool.privacy.erasing import erase
from lti_tool.privacy.retention import clear_leftovers
from lti_tool.runtime import Runtime


@task("privacy.erase", retry=Retry(attempts=10), lock="privacy.erase:{person_id}")
def erase_person(runtime: Runtime, *, person_id: int) -> None:
    """Once is enough: a second run finds nobody to erase."""
    with transaction(runtime.engine) as session:
        hashes = erase(session, person_id)
    FileStore.of(runtime.settings).forget(runtime.engine, hashes)


@periodic("50 3 * * *")
@task("privacy.retention")
def retain(runtime: Runtime) -> None:
    """Delete what marking left behind long ago."""
    with transaction(runtime.engine) as session:
        hashes = clear_leftovers(session)
    FileStore.of(runtime.settings).forget(runtime.engine, hashes)
