"""Drafts in the background: a few jobs a run, each going on where it or its killed forerunner was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.files.store import FileStore
from lti_tool.grading.proposals.batching import advance, cancel
from lti_tool.grading.proposals.drafting import LANES, work_on
from lti_tool.grading.proposals.models import DraftRun, RunWay
from lti_tool.jobs.registry import Retry, task
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime


@task("grading.draft", retry=Retry(attempts=8, first_wait=10), lock="grading.draft:{run_id}:{lane}")
def draft(runtime: Runtime, *, run_id: str, lane: int) -> None:
    """Make the drafts of one lane; where the model server is away, go on later."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    wait = work_on(door, FileStore.of(runtime.settings), UUID(run_id), lane)
    if wait is not None:
        with transaction(runtime.engine) as session:
            draft.enqueue(session, run_id=run_id, lane=lane, run_at=now() + wait.length)


@task("grading.draft_batch", retry=Retry(attempts=8, first_wait=10), lock="grading.draft_batch:{run_id}")
def draft_batch(runtime: Runtime, *, run_id: str) -> None:
    """Hand a run in as one batch, look after it, and leave what it did not answer to the lanes."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    wait = advance(door, FileStore.of(runtime.settings), UUID(run_id))
    with transaction(runtime.engine) as session:
        if wait is not None:
            draft_batch.enqueue(session, run_id=run_id, run_at=now() + wait.length)
        else:
            queue_lanes(session, UUID(run_id), now())


@task("grading.cancel_batch", retry=Retry(attempts=3))
def cancel_batch(runtime: Runtime, *, run_id: str) -> None:
    """Take a batch back that somebody stopped."""
    cancel(Door(engine=runtime.engine, secrets=runtime.secrets), UUID(run_id))


def queue_run(session: Session, run: DraftRun) -> None:
    """Queue the jobs of a run in the caller's transaction."""
    if run.way == RunWay.PROVIDER:
        draft_batch.enqueue(session, run_id=str(run.id), run_at=run.begins_at)
    else:
        queue_lanes(session, run.id, run.begins_at)


def queue_lanes(session: Session, run_id: UUID, at: datetime) -> None:
    for lane in range(LANES):
        draft.enqueue(session, run_id=str(run_id), lane=lane, run_at=at)
