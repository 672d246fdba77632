"""Telling the teachers in the background, and of several questions at once: a class asks before a test all together."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime
from lti_tool.tutor.escalation.telling import tell_of_waiting

GATHERED = timedelta(minutes=10)


@task("questions.tell", retry=Retry(attempts=3), lock="questions.tell:{course_id}")
def tell(runtime: Runtime, *, course_id: int) -> None:
    """Tell the teachers of a course which questions wait since they were told last."""
    tell_of_waiting(runtime, course_id)


def ask_to_tell(session: Session, course_id: int) -> None:
    """Queue it in the caller's transaction; what is asked until then is told together."""
    tell.enqueue(session, queueing_lock=f"questions.tell:{course_id}", run_at=now() + GATHERED, course_id=course_id)
