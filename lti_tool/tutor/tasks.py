"""What the tutor does once an answer is out: rolling older turns into the conversation's summary."""

from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime
from lti_tool.tutor.answering.summary import roll_up


@task("tutor.summarise", retry=Retry(attempts=3, first_wait=60), lock="tutor.summarise:{conversation_id}")
def summarise(runtime: Runtime, *, conversation_id: str) -> None:
    """Extend the summary of a conversation, if there is something to add."""
    roll_up(runtime, UUID(conversation_id))


def ask_for_summary(session: Session, conversation_id: UUID) -> None:
    """Queue it in the caller's transaction; several waiting ones are one."""
    summarise.enqueue(
        session,
        queueing_lock=f"tutor.summarise:{conversation_id}",
        conversation_id=str(conversation_id),
    )
