"""The chain of custody of a paper: every byte that came in, what was read, who said and did what, whether it holds.

Nothing is concluded here that the tables do not say; hashes are repeated so that the report can be checked without us.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.checkpoints import check_signatures
from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.accounts.audit.verification import Finding, Head, head_of, verify
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import ToolError
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Grade
from lti_tool.grading.models import Submission
from lti_tool.scans.custody import check_custody
from lti_tool.scans.delivery.models import Delivery, DeliveryStep
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Discard, Judgement, Paper, SentFile, Verification
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Evidence, Page
from lti_tool.scans.running.reports import ShownReport, reports_on
from lti_tool.scans.states import PaperState
from lti_tool.scans.verifications import history_of, is_genuine
from lti_tool.secrets import Secrets

Row = TypeVar("Row", Judgement, Discard)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Whether the audit is what was written, to where it was looked at."""

    findings: Sequence[Finding]
    head: Head | None


@dataclass(frozen=True, kw_only=True)
class CustodyReport:
    """Everything that the document says."""

    exam: Placement
    course: Course
    paper: Paper
    made_at: datetime
    made_by: str
    fault: str
    files: Sequence[SentFile]
    pages: Sequence[Page]
    evidence: Sequence[Evidence]
    judgements: Sequence[Judgement]
    records: Sequence[tuple[Verification, bool]]
    reports: Sequence[ShownReport]
    discards: Sequence[Discard]
    works: Sequence[Submission]
    deliveries: Sequence[tuple[Delivery, Sequence[DeliveryStep]]]
    entries: Sequence[AuditEntry]
    chain: Chain
    names: dict[int, str]

    def name(self, person_id: int | None) -> str:
        """Whoever did something; empty where a job did."""
        return self.names.get(person_id, f"{person_id}") if person_id is not None else ""

    def place_of(self, page_id: UUID | None) -> int | None:
        """Which page of the paper something was read on."""
        return next((place for place, page in enumerate(self.pages, start=1) if page.id == page_id), None)


def custody_report(session: Session, viewer: Viewer, paper: Paper, secrets: Secrets, store: FileStore) -> CustodyReport:
    """For staff who loaded the paper by `papers.paper_for`. The chain is looked at before anything else is written."""
    viewer.require(Capability.HANDLE_SCANS)
    findings = [*verify(session), *check_signatures(session, secrets.app_key)]
    exam, pages = exam_of(session, viewer), pages_of(session, paper)
    works, deliveries = _works(session, paper), _deliveries(session, paper)
    files = list({page.sent_file.id: page.sent_file for page in pages}.values())
    entries = _entries(session, paper, exam, pages, files, works, deliveries)
    records = history_of(session, paper)
    return CustodyReport(
        exam=exam,
        course=session.get_one(Course, exam.course_id),
        paper=paper,
        made_at=now(),
        made_by=session.get_one(Person, viewer.person_id).display_name,
        fault=_fault(session, store, paper),
        files=files,
        pages=pages,
        evidence=_evidence(session, paper, pages),
        judgements=_of(session, Judgement, paper),
        records=[(record, is_genuine(secrets, record)) for record in records],
        reports=reports_on(session, paper),
        discards=_of(session, Discard, paper),
        works=works,
        deliveries=deliveries,
        entries=entries,
        chain=Chain(findings=findings, head=head_of(session)),
        names=_names(session, (entry.actor_id for entry in entries)),
    )


def _fault(session: Session, store: FileStore, paper: Paper) -> str:
    """What is wrong with the bytes now; empty where each is what came in."""
    if paper.state == PaperState.PURGED:
        return ""
    try:
        check_custody(session, store, paper)
    except ToolError as error:
        return error.template
    return ""


def _of(session: Session, row: type[Row], paper: Paper) -> list[Row]:
    return list(session.scalars(select(row).where(row.paper_id == paper.id).order_by(row.created_at)))


def _evidence(session: Session, paper: Paper, pages: Sequence[Page]) -> list[Evidence]:
    ours = or_(Evidence.paper_id == paper.id, Evidence.page_id.in_([page.id for page in pages]))
    return list(session.scalars(select(Evidence).where(ours).order_by(Evidence.id)))


def _works(session: Session, paper: Paper) -> list[Submission]:
    ours = Submission.placement_id == paper.placement_id, Submission.client_key.startswith(f"paper:{paper.id}:")
    return list(session.scalars(select(Submission).where(*ours).order_by(Submission.created_at)))


def _deliveries(session: Session, paper: Paper) -> list[tuple[Delivery, Sequence[DeliveryStep]]]:
    found = session.scalars(select(Delivery).where(Delivery.paper_id == paper.id).order_by(Delivery.created_at))
    steps = select(DeliveryStep).order_by(DeliveryStep.id)
    return [(each, session.scalars(steps.where(DeliveryStep.delivery_id == each.id)).all()) for each in found]


def _entries(
    session: Session,
    paper: Paper,
    exam: Placement,
    pages: Sequence[Page],
    files: Sequence[SentFile],
    works: Sequence[Submission],
    deliveries: Sequence[tuple[Delivery, Sequence[DeliveryStep]]],
) -> list[AuditEntry]:
    """Whatever the audit holds about the paper and what it is made of and became."""
    owners = {work.person_id for work in works}
    grades = select(Grade.id).where(Grade.placement_id == exam.id, Grade.person_id.in_(owners))
    subjects: dict[str, Sequence[object]] = {
        "paper": [paper.id],
        "scan_page": [page.id for page in pages],
        "scan_file": [file.id for file in files],
        "submission": [work.id for work in works],
        "delivery": [delivery.id for delivery, _steps in deliveries],
        "grade": list(session.scalars(grades)),
    }
    is_about = [
        and_(AuditEntry.object_type == kind, AuditEntry.object_id.in_([str(key) for key in keys]))
        for kind, keys in subjects.items()
        if keys
    ]
    wanted = select(AuditEntry).where(AuditEntry.course_id == exam.course_id, or_(*is_about))
    sealed = wanted.order_by(AuditEntry.sequence).execution_options(populate_existing=True)
    return list(session.scalars(sealed))


def _names(session: Session, people: Iterable[int | None]) -> dict[int, str]:
    ids = {person_id for person_id in people if person_id is not None}
    return {person.id: person.display_name for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
