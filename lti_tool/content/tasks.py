"""Indexing in the background, and by night whatever is older than its extractor or has no vector yet (R46)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.content.embedding import embed_chunks
from lti_tool.content.extraction.formats import VERSION
from lti_tool.content.floors.calibration import calibrate, is_measured
from lti_tool.content.indexing import give_up, index_source
from lti_tool.content.models import Chunk, Document, Source, SourceState
from lti_tool.db import now, transaction
from lti_tool.files.scrub import scrub
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import NEVER, Retry, periodic, task
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime

SCRUB_TIME = timedelta(hours=2)


# Never tried again by itself: a job that waits for its next try would hold up the other sources of the course.
@task("content.index", retry=NEVER, lock="content.index:{course_id}")
def index(runtime: Runtime, *, course_id: int, source_id: str) -> None:
    """Index one source, then ask for the vectors of its course."""
    try:
        is_indexed = index_source(runtime.engine, FileStore.of(runtime.settings), UUID(source_id))
    except Exception:
        give_up(runtime.engine, UUID(source_id))
        raise
    if is_indexed:
        with transaction(runtime.engine) as session:
            ask_for_vectors(session, course_id)


@task("content.embed", retry=Retry(attempts=12, first_wait=30), lock="content.embed:{course_id}")
def embed(runtime: Runtime, *, course_id: int) -> None:
    """Give the chunks of a course their vectors; while the model is away the job is tried again."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    if embed_chunks(door, course_id):
        with transaction(runtime.engine) as session:
            if not is_measured(session, door):
                calibrate_floor.enqueue(session, queueing_lock="content.calibrate")


@periodic("15 4 1 * *")
@task("content.calibrate", retry=Retry(attempts=3, first_wait=600), lock="content.calibrate")
def calibrate_floor(runtime: Runtime) -> None:
    """Measure the similarity floor of the embedding model: when new, and monthly as material grows (R151)."""
    calibrate(Door(engine=runtime.engine, secrets=runtime.secrets))


@periodic("30 2 * * *")
@task("content.nightly")
def nightly(runtime: Runtime) -> None:
    """Ask again for what was left behind: jobs that got lost, older extractors, chunks without a vector."""
    with transaction(runtime.engine) as session:
        for source in session.scalars(_left_behind()):
            ask_for_index(session, source)
        for course_id in session.scalars(select(Chunk.course_id).distinct()):
            ask_for_vectors(session, course_id)


@periodic("45 3 * * *")
@task("files.sweep")
def sweep(runtime: Runtime) -> None:
    """Delete stored bytes that no row names any more."""
    FileStore.of(runtime.settings).sweep(runtime.engine)


@periodic("15 1 * * *")
@task("files.scrub", lock="files.scrub")
def scrub_files(runtime: Runtime) -> None:
    """Compare stored bytes with their hashes; what the night is too short for comes first the next one."""
    begun = now()
    scrub(runtime.engine, FileStore.of(runtime.settings), begun=begun, until=begun + SCRUB_TIME)


def ask_for_index(session: Session, source: Source) -> None:
    """Queue the indexing of a source in the caller's transaction."""
    index.enqueue(
        session,
        queueing_lock=f"content.index:{source.id}",
        course_id=source.course_id,
        source_id=str(source.id),
    )


def ask_for_vectors(session: Session, course_id: int) -> None:
    embed.enqueue(session, queueing_lock=f"content.embed:{course_id}", course_id=course_id)


def _left_behind() -> Select[Source]:
    unfinished = Source.state.in_([SourceState.TODO, SourceState.DOING])
    return (
        select(Source)
        .outerjoin(Document, Document.source_id == Source.id)
        .where(unfinished | (Document.extraction < VERSION))
        .order_by(Source.created_at)
    )
