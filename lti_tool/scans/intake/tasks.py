"""Finished uploads become files of their pile in the background; unfinished ones are forgotten after days."""

from uuid import UUID

from lti_tool.db import transaction
from lti_tool.jobs.registry import Retry, periodic, task
from lti_tool.runtime import Runtime
from lti_tool.scans.intake.models import PartialUpload
from lti_tool.scans.intake.parts import MOST_BYTES, PartsFolder, forget_old
from lti_tool.scans.intake.taking_in import Sender, take_in
from lti_tool.scans.states import Source


@task("scans.take_in", retry=Retry(attempts=3), lock="scans.take_in:{upload_id}")
def take_in_upload(runtime: Runtime, *, upload_id: str, role: str) -> None:
    """Keep the files of a finished upload; a second run finds them kept already."""
    folder = PartsFolder.of(runtime.settings)
    with transaction(runtime.engine) as session:
        upload = session.get(PartialUpload, UUID(upload_id))
    if upload is None or upload.finished_at is None or not folder.path(upload).exists():
        return
    sender = Sender(
        placement_id=upload.placement_id,
        batch_id=upload.batch_id,
        person_id=upload.by_id,
        role=role,
        source=Source.UPLOAD,
    )
    take_in(runtime, sender, folder.path(upload), upload.name, most_bytes=MOST_BYTES)
    folder.path(upload).unlink(missing_ok=True)


@periodic("20 3 * * *")
@task("scans.forget_uploads")
def forget_uploads(runtime: Runtime) -> None:
    """Delete what nobody has gone on with."""
    with transaction(runtime.engine) as session:
        forget_old(session, PartsFolder.of(runtime.settings))
