"""The work that a paper became, known by the paper and its binding: given to somebody else, it is other work.

Its pages are turned on the paper: then the next work of the same binding takes the place of one that nobody has marked.
"""

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Submission, SubmissionState
from lti_tool.grading.withdrawing import grades_without_their_work, is_begun, show_work, withdraw_work
from lti_tool.scans.models import Paper


def key_of(paper: Paper) -> str:
    """What the work of the paper is known by, as the paper is bound now."""
    return f"paper:{paper.id}:{paper.binding}"


def next_key_of(session: Session, paper: Paper) -> str:
    """The same for work whose pages stand another way than those of the work before it."""
    earlier = session.scalar(select(func.count()).select_from(_bound_so(paper).subquery()))
    return f"{key_of(paper)}:{earlier + 1}" if earlier else key_of(paper)


def find_work(session: Session, paper: Paper) -> Submission | None:
    """The latest work that the paper became as it is bound now, withdrawn or not."""
    return session.scalar(_bound_so(paper).order_by(Submission.attempt.desc()).limit(1))


def is_on_desk(session: Session, paper: Paper) -> bool:
    """Whether the paper, as it is bound now, is there to be marked."""
    work = find_work(session, paper)
    return work is not None and work.state == SubmissionState.SUBMITTED


def take_work_back(session: Session, paper: Paper) -> None:
    """The paper is not what it seemed to be: whatever it became is withdrawn. The caller holds the paper's lock."""
    exam = session.get_one(Placement, paper.placement_id)
    for work in session.scalars(_works(paper).where(Submission.state == SubmissionState.SUBMITTED)):
        withdraw_work(session, exam, work)


def show_work_to_owner(session: Session, paper: Paper) -> None:
    """Its student has said that it is theirs."""
    if work := find_work(session, paper):
        show_work(session, work)


def grade_resting_on(session: Session, paper: Paper) -> int | None:
    """Whose grade was given for this paper and still stands although the paper was taken back; None for nobody's."""
    lost = grades_without_their_work(session, session.get_one(Placement, paper.placement_id))
    works = set(session.scalars(_works(paper).with_only_columns(Submission.id)))
    return next((person_id for person_id, work_id in lost.items() if work_id in works), None)


def take_unmarked_work_back(session: Session, paper: Paper) -> bool:
    """Its pages were turned: withdraw what nobody has begun to mark. Whether there was such work."""
    work = find_work(session, paper)
    if work is None or work.state != SubmissionState.SUBMITTED or is_begun(session, work):
        return False
    withdraw_work(session, session.get_one(Placement, paper.placement_id), work)
    return True


def _bound_so(paper: Paper) -> Select[Submission]:
    key = key_of(paper)
    return _works(paper).where(or_(Submission.client_key == key, Submission.client_key.startswith(f"{key}:")))


def _works(paper: Paper) -> Select[Submission]:
    return select(Submission).where(
        Submission.placement_id == paper.placement_id, Submission.client_key.startswith(f"paper:{paper.id}:")
    )
