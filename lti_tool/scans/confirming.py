"""The student's part in two steps: "is this your number and your handwriting?", then "is it complete?".

"No" hides the paper at once and quarantines it. Each answer is given once; a second click changes nothing.
"""

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind
from lti_tool.activity.events import record as record_event
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.scans.custody import check_custody
from lti_tool.scans.handover.works import show_work_to_owner
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.moves import move, quarantine
from lti_tool.scans.papers import is_claimed, own_paper_for
from lti_tool.scans.states import HIDDEN, PaperState, Problem, Report, VerificationKind
from lti_tool.scans.verifications import find_verification, verify
from lti_tool.secrets import Secrets


def claim(session: Session, viewer: Viewer, paper: Paper, secrets: Secrets) -> None:
    """The header shows the viewer's number and handwriting: the pages may be seen."""
    paper = _locked(session, viewer, paper)
    if not is_claimed(session, paper):
        verify(session, secrets, viewer, paper, VerificationKind.MINE)
        show_work_to_owner(session, paper)


def confirm(session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, store: FileStore) -> Verification:
    """This is the viewer's paper, complete; the record is the receipt."""
    paper = _locked(session, viewer, paper)
    _require_claim(session, paper)
    if receipt := find_verification(session, paper, VerificationKind.COMPLETE):
        return receipt
    check_custody(session, store, paper)
    receipt = verify(session, secrets, viewer, paper, VerificationKind.COMPLETE)
    move(session, paper, PaperState.CONFIRMED)
    _tell(session, viewer, paper, EventKind.EXAM_CONFIRMED)
    return receipt


def report(
    session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, problem: Report, message: str = ""
) -> None:
    """Something is wrong: hide the paper until staff have looked."""
    paper = own_paper_for(session, viewer, paper.id, lock=True)
    if paper.state in HIDDEN:
        return
    if problem is not Report.NOT_MINE:
        _require_claim(session, paper)
    if paper.state == PaperState.CONFIRMED and not _is_denied_acceptance(session, paper, problem):
        raise InvalidInput("paper_confirmed", "You have confirmed this paper. Ask your teacher if it is wrong.")
    verify(session, secrets, viewer, paper, VerificationKind.PROBLEM, report=problem, message=message)
    if problem is Report.NOT_MINE:
        quarantine(session, paper, Problem.DENIED)
    else:
        move(session, paper, PaperState.DISPUTED)
    _tell(session, viewer, paper, EventKind.EXAM_DISPUTED)


def _is_denied_acceptance(session: Session, paper: Paper, problem: Report) -> bool:
    """A paper that staff accepted without its student may still be somebody else's."""
    return problem is Report.NOT_MINE and find_verification(session, paper, VerificationKind.COMPLETE) is None


def _locked(session: Session, viewer: Viewer, paper: Paper) -> Paper:
    paper = own_paper_for(session, viewer, paper.id, lock=True)
    if paper.state in HIDDEN:
        raise InvalidInput("paper_hidden", "You have reported this paper. Your teacher is looking at it.")
    return paper


def _require_claim(session: Session, paper: Paper) -> None:
    if not is_claimed(session, paper):
        raise InvalidInput("header_first", "Look at the header first, and say whether it is yours.")


def _tell(session: Session, viewer: Viewer, paper: Paper, kind: EventKind) -> None:
    record_event(
        session,
        kind,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=paper.placement_id,
        details={"pages": paper.pages},
    )
