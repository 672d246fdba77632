"""Until when students confirm, who has not, asking them once more, and accepting on behalf afterwards.

Accepting is a signed record of its own kind: nobody can take it for the student's confirmation.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.scans.custody import check_custody
from lti_tool.scans.exam import lock_exam
from lti_tool.scans.letters import tell_of_reminder
from lti_tool.scans.models import Paper, Reminder, Verification
from lti_tool.scans.moves import move
from lti_tool.scans.papers import paper_for
from lti_tool.scans.states import PaperState, VerificationKind
from lti_tool.scans.verifications import find_verification, verify
from lti_tool.secrets import Secrets

CONFIRM_BY = "confirm_by"


def deadline_of(exam: Placement) -> datetime | None:
    """Until when students confirm their papers; None while nobody said it."""
    said = exam.options.get(CONFIRM_BY)
    return datetime.fromisoformat(str(said)) if said else None


def is_over(exam: Placement) -> bool:
    """Whether staff may accept what was not confirmed."""
    deadline = deadline_of(exam)
    return deadline is not None and deadline <= now()


def set_deadline(session: Session, viewer: Viewer, moment: datetime | None) -> None:
    """Say until when students confirm, or that there is no deadline."""
    exam = lock_exam(session, viewer)
    said = moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
    exam.options = {**exam.options, CONFIRM_BY: said}
    _audit(session, viewer, "scans.deadline_set", exam.id, {"until": said or ""})


def read_moment(text: str) -> datetime | None:
    """A moment as a form sends it, in UTC; None for an empty field."""
    try:
        moment = datetime.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise InvalidInput("moment_malformed", "Write day and time.") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def accept_on_behalf(
    session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, store: FileStore
) -> Verification:
    """After the deadline: take the paper as complete although its student has not said so."""
    exam = lock_exam(session, viewer)
    paper = paper_for(session, viewer, paper.id, lock=True)
    if paper.state == PaperState.CONFIRMED and (known := find_verification(session, paper, VerificationKind.ACCEPTED)):
        return known
    if paper.state != PaperState.RELEASED:
        raise InvalidInput("paper_changed", "This paper was changed meanwhile. Look at it again.")
    if not is_over(exam):
        raise InvalidInput("deadline_open", "The student can still confirm this paper. Accept it after the deadline.")
    if paper.person_id == viewer.person_id:
        raise InvalidInput("own_paper", "Nobody accepts a paper of their own.")
    check_custody(session, store, paper)
    record = verify(session, secrets, viewer, paper, VerificationKind.ACCEPTED)
    move(session, paper, PaperState.CONFIRMED)
    return record


def remind(session: Session, viewer: Viewer) -> list[Paper]:
    """Ask everybody who has not confirmed; their papers."""
    exam = lock_exam(session, viewer)
    waiting = select(Paper).where(Paper.placement_id == exam.id, Paper.state == PaperState.RELEASED)
    papers = list(session.scalars(waiting.order_by(Paper.id)))
    asked = [Reminder(paper_id=paper.id, binding=paper.binding, by_id=viewer.person_id) for paper in papers]
    session.add_all(asked)
    session.flush()
    for paper, reminder in zip(papers, asked, strict=True):
        tell_of_reminder(session, paper, reminder.id)
    _audit(session, viewer, "scans.reminded", exam.id, {"papers": len(papers)})
    return papers


def reminders_of(session: Session, papers: Iterable[Paper]) -> dict[UUID, datetime]:
    """When each was last asked, as the paper is bound now."""
    ids = [paper.id for paper in papers]
    last = (
        select(Reminder.paper_id, func.max(Reminder.created_at))
        .join(Paper, Paper.id == Reminder.paper_id)
        .where(Reminder.paper_id.in_(ids), Reminder.binding == Paper.binding)
        .group_by(Reminder.paper_id)
    )
    return {paper_id: moment for paper_id, moment in session.execute(last)}


def _audit(session: Session, viewer: Viewer, action: str, exam_id: UUID, details: dict[str, str | int]) -> None:
    audit.by(session, viewer, action, object_type="placement", object_id=exam_id, details=details)
