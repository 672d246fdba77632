"""How a run ends, whoever ends it: a person, its last item, or what stands in its way."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.grading.proposals.letters import tell_by_mail
from lti_tool.grading.proposals.models import DraftItem, DraftRun, ItemState, RunState

OPEN = (RunState.TODO, RunState.DOING)


def end_run(session: Session, run: DraftRun, state: RunState, error_code: str | None = None) -> None:
    """Close a run; what it has not done is left to another."""
    run.state, run.finished_at, run.error_code = state, now(), error_code
    session.execute(
        update(DraftItem)
        .where(DraftItem.run_id == run.id, DraftItem.state == ItemState.TODO)
        .values(state=ItemState.CANCELLED)
    )
    session.execute(update(DraftItem).where(DraftItem.run_id == run.id).values(prepared=None))
    session.flush()
    if state is not RunState.CANCELLED:
        tell_by_mail(session, run)
