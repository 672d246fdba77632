"""Staff decide whose a paper is. Each decision is a signed record; nothing is overwritten, nothing deleted.

The caller passes a paper that `papers.paper_for` loaded; it is loaded again here under its lock, after the exam's.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.scans.custody import check_custody
from lti_tool.scans.exam import lock_exam, student_for
from lti_tool.scans.letters import tell_of_release
from lti_tool.scans.models import Discard, Paper, SentFile
from lti_tool.scans.moves import bind, live_paper_of, move, move_page, unbind
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PAGE_MOVES, PageState
from lti_tool.scans.papers import paper_for
from lti_tool.scans.states import HIDDEN, LIVE, MOVES, SHOWN, Basis, FileState, PaperState, Problem, VerificationKind
from lti_tool.scans.steps import begin_step
from lti_tool.scans.verifications import checked_message, verify
from lti_tool.secrets import Secrets

ASSIGNABLE = frozenset({PaperState.UNMATCHED, PaperState.BOUND, PaperState.DISPUTED, PaperState.QUARANTINED})
LONGEST_REASON = 500
REPLACED = "replaced"
"""The reason of pages whose paper was replaced by another."""


def confirm_match(
    session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, store: FileStore, *, binding: int
) -> None:
    """A person compared the header with the name: release the paper. `binding` is the one they looked at."""
    paper = _locked(session, viewer, paper)
    if paper.binding != binding or paper.state not in {PaperState.BOUND} | HIDDEN | SHOWN or not paper.person_id:
        raise InvalidInput("paper_changed", "A paper was changed meanwhile. Look at it again.", paper=paper.id)
    if paper.state in SHOWN:
        return
    begin_step(session, viewer, "released", [paper])
    if paper.state in HIDDEN:
        _require_free(session, paper, paper.person_id)
        bind(session, paper, paper.person_id, Basis.PERSON)
    check_custody(session, store, paper)
    verify(session, secrets, viewer, paper, VerificationKind.MATCHED)
    move(session, paper, PaperState.RELEASED)
    tell_of_release(session, paper)


def assign(
    session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, person_id: int, *, replaces: bool = False
) -> None:
    """Propose another student; the match is still to be confirmed. An earlier paper gives way only if told to."""
    paper = _locked(session, viewer, paper)
    student = student_for(session, viewer, person_id)
    if paper.state not in ASSIGNABLE:
        raise InvalidInput("paper_changed", "This paper was changed meanwhile. Look at it again.")
    earlier = live_paper_of(session, paper, student.id)
    begin_step(session, viewer, "assigned", [paper, earlier] if earlier and earlier.id != paper.id else [paper])
    if earlier is not None and earlier.id != paper.id and replaces:
        _supersede(session, viewer, secrets, earlier, paper)
    _require_free(session, paper, student.id)
    bind(session, paper, student.id, Basis.PERSON)
    verify(session, secrets, viewer, paper, VerificationKind.ASSIGNED)


def take_back(session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, reason: str) -> None:
    """Hide a paper from the student it was bound to; it has nobody until somebody decides."""
    paper = _locked(session, viewer, paper)
    if paper.state == PaperState.UNMATCHED:
        return
    if paper.state not in LIVE and paper.state != PaperState.QUARANTINED:
        raise InvalidInput("paper_changed", "This paper was changed meanwhile. Look at it again.")
    reason = checked_reason(reason)
    begin_step(session, viewer, "taken_back", [paper])
    if paper.person_id is not None:
        verify(session, secrets, viewer, paper, VerificationKind.TAKEN_BACK, message=reason)
    unbind(session, paper, Problem.TAKEN_BACK)


def discard(session: Session, viewer: Viewer, paper: Paper, reason: str) -> None:
    """Set a paper aside for a reason; its file and its history are kept."""
    paper = _locked(session, viewer, paper)
    if paper.state == PaperState.DISCARDED:
        return
    if PaperState.DISCARDED not in MOVES[PaperState(paper.state)]:
        raise InvalidInput("paper_shown", "Take the paper back before you discard it.")
    reason = checked_reason(reason)
    begin_step(session, viewer, "set_aside", [paper])
    session.add(Discard(paper_id=paper.id, reason=reason, by_id=viewer.person_id))
    session.flush()
    paper.problem = None
    move(session, paper, PaperState.DISCARDED)
    set_pages_aside(session, viewer, paper, reason)
    audit.by(
        session, viewer, "scans.discarded", object_type="paper", object_id=paper.id, details={"sha256": paper.sha256}
    )


def find_discard(session: Session, paper: Paper) -> Discard | None:
    """Why and by whom the paper was set aside, if it was."""
    if paper.state != PaperState.DISCARDED:
        return None
    return session.scalar(select(Discard).where(Discard.paper_id == paper.id).order_by(Discard.id.desc()).limit(1))


def set_pages_aside(session: Session, viewer: Viewer, paper: Paper, reason: str) -> None:
    """Its pages leave their places, so that the same sheets or the same file may come again."""
    for page in pages_of(session, paper):
        if PageState.DISCARDED in PAGE_MOVES[PageState(page.state)]:
            move_page(session, page, PageState.DISCARDED, reason=reason, by_id=viewer.person_id)
        _set_file_aside(session, page.sent_file)


def _set_file_aside(session: Session, sent: SentFile) -> None:
    """A file of which nothing is in use any more may be sent again."""
    in_use = select(Page.id).where(Page.sent_file_id == sent.id, Page.state != PageState.DISCARDED)
    if sent.state in {FileState.RECEIVED, FileState.READ} and session.scalar(in_use.limit(1)) is None:
        sent.state = FileState.SET_ASIDE
        session.flush()


def checked_reason(reason: str) -> str:
    """Raises InvalidInput for an empty or endless one."""
    reason = checked_message(reason)
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput(
            "reason_missing",
            "Give a reason of at most %(longest_reason)s characters.",
            {"longest_reason": LONGEST_REASON},
        )
    return reason


def _require_free(session: Session, paper: Paper, person_id: int) -> None:
    """Two papers for one student: a person decides, nothing is overwritten."""
    earlier = live_paper_of(session, paper, person_id)
    if earlier is not None and earlier.id != paper.id:
        raise InvalidInput("second_paper", "This student has a paper already. Say so if this one replaces it.")


def _locked(session: Session, viewer: Viewer, paper: Paper) -> Paper:
    lock_exam(session, viewer)
    return paper_for(session, viewer, paper.id, lock=True)


def _supersede(session: Session, viewer: Viewer, secrets: Secrets, earlier: Paper, by: Paper) -> None:
    verify(session, secrets, viewer, earlier, VerificationKind.SUPERSEDED)
    earlier.superseded_by_id = by.id
    move(session, earlier, PaperState.SUPERSEDED)
    set_pages_aside(session, viewer, earlier, REPLACED)
