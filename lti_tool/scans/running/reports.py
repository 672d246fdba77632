"""What students found wrong with their papers, and what staff answered: its student sees the words.

An answer is given once. It outlives the paper's next student: it belongs to whoever reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.exam import exam_of
from lti_tool.scans.letters import tell_of_answer
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.running.models import ReportAnswer
from lti_tool.scans.states import VerificationKind
from lti_tool.scans.verifications import checked_message


@dataclass(frozen=True, kw_only=True)
class ShownReport:
    """A report with its paper, and its answer if there is one."""

    report: Verification
    paper: Paper
    answer: ReportAnswer | None


def reports_of(session: Session, viewer: Viewer) -> Sequence[ShownReport]:
    """Every report of the exam for staff: those without an answer first, the newest first."""
    viewer.require(Capability.HANDLE_SCANS)
    return _shown(session, _reports(exam_of(session, viewer).id).order_by(ReportAnswer.created_at.is_not(None)))


def own_reports(session: Session, viewer: Viewer) -> Sequence[ShownReport]:
    """What the viewer reported in this exam, the newest first."""
    return _shown(session, _reports(exam_of(session, viewer).id).where(Verification.person_id == viewer.person_id))


def reports_on(session: Session, paper: Paper) -> Sequence[ShownReport]:
    """What was ever reported of this paper."""
    return _shown(session, _reports(paper.placement_id).where(Verification.paper_id == paper.id))


def unanswered_count(session: Session, placement_id: UUID) -> int:
    """How many students wait for words."""
    waiting = _reports(placement_id).where(ReportAnswer.verification_id.is_(None))
    return session.scalar(waiting.with_only_columns(func.count())) or 0


def answer(session: Session, viewer: Viewer, report_id: UUID, words: str) -> ReportAnswer:
    """Say to its student what was done; a second answer is refused."""
    viewer.require(Capability.HANDLE_SCANS)
    report = session.scalar(_reports(exam_of(session, viewer).id).where(Verification.id == report_id))
    if report is None:
        raise NotFound("report_unknown")
    session.refresh(report, with_for_update={"of": Verification})
    if report.person_id == viewer.person_id:
        raise InvalidInput("own_report", "Nobody answers a report of their own.")
    if session.get(ReportAnswer, report.id) is not None:
        raise InvalidInput("report_answered", "This report was answered meanwhile.")
    words = checked_message(words)
    if not words:
        raise InvalidInput("answer_missing", "Say to the student what was done.")
    given = ReportAnswer(verification_id=report.id, by_id=viewer.person_id, words=words)
    session.add(given)
    session.flush()
    tell_of_answer(session, session.get_one(Paper, report.paper_id), report)
    audit.by(
        session,
        viewer,
        "scans.report_answered",
        object_type="paper",
        object_id=report.paper_id,
        details={"verification": report.id},
    )
    return given


def _reports(placement_id: UUID) -> Select[Verification]:
    return (
        select(Verification)
        .join(Paper, Paper.id == Verification.paper_id)
        .outerjoin(ReportAnswer, ReportAnswer.verification_id == Verification.id)
        .where(Paper.placement_id == placement_id, Verification.kind == VerificationKind.PROBLEM)
    )


def _shown(session: Session, wanted: Select[Verification]) -> list[ShownReport]:
    rows = session.execute(
        wanted.order_by(Verification.signed_at.desc()).with_only_columns(Verification, Paper, ReportAnswer)
    )
    return [ShownReport(report=report, paper=paper, answer=given) for report, paper, given in rows]
