"""Papers go to the desk by a job each: putting a PDF together takes seconds. A sweep finds what a lost job left."""

from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.jobs.registry import Retry, periodic, task
from lti_tool.runtime import Runtime
from lti_tool.scans.handover.handing_over import hand_paper_over, papers_to_hand_over
from lti_tool.scans.handover.rules import is_to_be_marked
from lti_tool.scans.handover.works import take_unmarked_work_back
from lti_tool.scans.models import Paper


@task("scans.hand_over", retry=Retry(attempts=6), lock="scans.hand_over:{paper_id}")
def hand_over(runtime: Runtime, *, paper_id: str) -> None:
    """Put one paper on the desk; run twice, it is there once."""
    hand_paper_over(runtime.engine, FileStore.of(runtime.settings), UUID(paper_id))


@periodic("23 * * * *")
@task("scans.hand_over_sweep")
def sweep(runtime: Runtime) -> None:
    """Ask again for what belongs on the desk and is not there."""
    with transaction(runtime.engine) as session:
        for paper_id in papers_to_hand_over(session):
            _enqueue(session, paper_id)


def ask_to_hand_over(session: Session, paper: Paper) -> None:
    """In the transaction that shows or confirms the paper, if it belongs on the desk by that."""
    if is_to_be_marked(session.get_one(Placement, paper.placement_id), paper):
        _enqueue(session, paper.id)


def turn_work(session: Session, paper: Paper) -> None:
    """Pages of the paper were turned: what is on the desk is put together anew, unless somebody marks it already."""
    if take_unmarked_work_back(session, paper):
        ask_to_hand_over(session, paper)


def ask_for_exam(session: Session, exam: Placement) -> int:
    """Everything of an exam whose rule was changed; how many papers."""
    papers = papers_to_hand_over(session, exam.id)
    for paper_id in papers:
        _enqueue(session, paper_id)
    return len(papers)


def _enqueue(session: Session, paper_id: UUID) -> None:
    hand_over.enqueue(session, queueing_lock=f"scans.hand_over:{paper_id}", paper_id=str(paper_id))
