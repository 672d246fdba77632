"""Deleting the scans of an exam for good: the bytes of originals, pages, papers and copies go, hashes and records stay.

Staff see first what would go and type the exam's title (R81). All rows change in one transaction of a job, so that no
exam is ever half deleted; the bytes follow at once, and the nightly sweep takes what a killed job left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import erasing, now
from lti_tool.errors import InvalidInput
from lti_tool.files.models import StoredFile
from lti_tool.files.store import forget_rows
from lti_tool.grading.models import RegradeRequest, RegradeState, Review, Submission, SubmissionFile
from lti_tool.grading.pagemarks.models import MarkedCopy
from lti_tool.scans.delivery.models import Delivery
from lti_tool.scans.delivery.states import OPEN, DeliveryState
from lti_tool.scans.exam import exam_of, lock_exam
from lti_tool.scans.intake.models import PartialUpload
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.models import Evidence, Page, Step
from lti_tool.scans.pages.states import EvidenceKind, PageState
from lti_tool.scans.resolving import checked_reason
from lti_tool.scans.running.models import Export, Purge
from lti_tool.scans.running.released import PAPERS
from lti_tool.scans.states import FileState, PaperState


@dataclass(frozen=True, kw_only=True)
class Going:
    """What a purge would delete, and what speaks against it now."""

    papers: int
    pages: int
    files: int
    size: int
    open_deliveries: int
    open_regrades: int
    under_way: Purge | None

    @property
    def is_anything(self) -> bool:
        return bool(self.papers or self.pages or self.files)

    @property
    def is_open(self) -> bool:
        return bool(self.open_deliveries or self.open_regrades)


def what_would_go(session: Session, viewer: Viewer) -> Going:
    """For the page, before anybody types anything."""
    viewer.require(Capability.HANDLE_SCANS)
    return _going(session, exam_of(session, viewer))


def ask_purge(session: Session, viewer: Viewer, *, typed: str, reason: str = "", is_forced: bool = False) -> Purge:
    """Have the scans deleted; the caller queues the job. `typed` must be the title of the exam."""
    viewer.require(Capability.MANAGE)
    exam = lock_exam(session, viewer)
    if " ".join(typed.split()) != " ".join(exam.title.split()):
        raise InvalidInput("title_mistyped", "Type the title of this exam exactly as it is shown.")
    going = _going(session, exam)
    if going.under_way is not None:
        return going.under_way
    if not going.is_anything:
        raise InvalidInput("nothing_to_purge", "This exam has no scans that could be deleted.")
    if going.is_open and not is_forced:
        raise InvalidInput(
            "exam_unfinished",
            "Deliveries to Moodle or requests to look at a grade again are still open. Settle them first.",
        )
    reason = checked_reason(reason) if is_forced or reason.strip() else ""
    purge = Purge(placement_id=exam.id, by_id=viewer.person_id, is_forced=is_forced, reason=reason)
    _count(purge, going)
    session.add(purge)
    session.flush()
    details = {"papers": going.papers, "pages": going.pages, "files": going.files, "is_forced": is_forced}
    audit.by(session, viewer, "scans.purge_asked", object_type="placement", object_id=exam.id, details=details)
    return purge


def begin_by_age(session: Session, exam: Placement) -> Purge | None:
    """The purge of an exam that was kept long enough; None where something of it is still open."""
    going = _going(session, exam)
    if going.under_way is not None or going.is_open or not going.is_anything:
        return None
    purge = Purge(placement_id=exam.id)
    _count(purge, going)
    session.add(purge)
    session.flush()
    return purge


def purge_rows(session: Session, purge: Purge, exam: Placement) -> list[str]:
    """Everything of the exam that was there when it was asked for, in this one transaction; hashes of what went.

    The caller holds the exam's lock, and forgets the bytes after the commit.
    """
    until = purge.created_at
    files = _files(session, exam.id, until)
    with erasing(session):
        _close_papers(session, exam.id, until)
        _let_go(session, exam.id, until)
    hashes = forget_rows(session, files)
    purge.finished_at = now()
    session.flush()
    audit.record(
        session,
        "scans.purged",
        course_id=exam.course_id,
        actor_id=purge.by_id,
        object_type="placement",
        object_id=exam.id,
        details={"purge": purge.id, "papers": purge.papers, "pages": purge.pages, "files": purge.files},
    )
    return hashes


def find_purge(session: Session, exam: Placement) -> Purge | None:
    """The last finished deletion of the exam's scans."""
    return session.scalar(
        select(Purge)
        .where(Purge.placement_id == exam.id, Purge.finished_at.is_not(None))
        .order_by(Purge.finished_at.desc())
        .limit(1)
    )


def purges_of(session: Session, exam: Placement) -> Sequence[Purge]:
    """The deletions of the exam's scans, the newest first."""
    return session.scalars(select(Purge).where(Purge.placement_id == exam.id).order_by(Purge.created_at.desc())).all()


def _going(session: Session, exam: Placement) -> Going:
    sizes = select(func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.id.in_(_files(session, exam.id, None)))
    deliveries = select(func.count()).where(Delivery.paper_id.in_(_papers(exam.id, None)), Delivery.state.in_(OPEN))
    regrades = select(func.count()).where(
        RegradeRequest.placement_id == exam.id, RegradeRequest.state == RegradeState.OPEN
    )
    return Going(
        papers=_number(session, Paper, exam.id, Paper.state != PaperState.PURGED),
        pages=_number(session, Page, exam.id, Page.state != PageState.PURGED),
        files=_number(session, SentFile, exam.id, SentFile.file_id.is_not(None)),
        size=session.scalar(sizes) or 0,
        open_deliveries=session.scalar(deliveries) or 0,
        open_regrades=session.scalar(regrades) or 0,
        under_way=session.scalar(select(Purge).where(Purge.placement_id == exam.id, Purge.finished_at.is_(None))),
    )


def _number(
    session: Session, row: type[Paper | Page | SentFile], placement_id: UUID, is_there: ColumnElement[bool]
) -> int:
    return session.scalar(select(func.count()).select_from(row).where(row.placement_id == placement_id, is_there)) or 0


def _count(purge: Purge, going: Going) -> None:
    purge.papers, purge.pages, purge.files = going.papers, going.pages, going.files


def _papers(placement_id: UUID, until: datetime | None) -> Select[UUID]:
    wanted = select(Paper.id).where(Paper.placement_id == placement_id)
    return wanted.where(Paper.created_at <= until) if until else wanted


def _files(session: Session, placement_id: UUID, until: datetime | None) -> list[UUID]:
    """Every stored file that holds something of the papers."""
    wanted = [
        (Page.image_id, Page.placement_id == placement_id, Page.created_at),
        (SentFile.file_id, SentFile.placement_id == placement_id, SentFile.created_at),
        (Export.file_id, Export.placement_id == placement_id, Export.created_at),
        (Delivery.file_id, Delivery.paper_id.in_(_papers(placement_id, until)), Delivery.created_at),
    ]
    found: set[UUID] = set()
    for file_id, is_ours, made_at in wanted:
        some = select(file_id).where(is_ours, file_id.is_not(None))
        found.update(session.scalars(some.where(made_at <= until) if until else some))
    works = _works(placement_id, until)
    found.update(session.scalars(select(SubmissionFile.file_id).where(SubmissionFile.submission_id.in_(works))))
    found.update(session.scalars(select(MarkedCopy.file_id).join(Review).where(Review.submission_id.in_(works))))
    return list(found)


def _works(placement_id: UUID, until: datetime | None) -> Select[UUID]:
    """What the papers became on the marking desk."""
    works = select(Submission.id).where(
        Submission.placement_id == placement_id, Submission.client_key.startswith(PAPERS)
    )
    return works.where(Submission.created_at <= until) if until else works


def _close_papers(session: Session, placement_id: UUID, until: datetime) -> None:
    """No paper and no page is shown, moved or undone any more."""
    papers, moment = _papers(placement_id, until), now()
    open_ones = Delivery.paper_id.in_(papers), Delivery.state.in_(OPEN)
    ended = {"state": DeliveryState.WITHDRAWN, "lease": None, "leased_until": None}
    session.execute(update(Delivery).where(*open_ones).values(ended))
    purged = {"state": PaperState.PURGED, "problem": None, "superseded_by_id": None, "changed_at": moment}
    session.execute(update(Paper).where(Paper.id.in_(papers), Paper.state != PaperState.PURGED).values(purged))
    ours = Page.placement_id == placement_id, Page.created_at <= until, Page.state != PageState.PURGED
    # What is printed on top of pages is whole lines, names among them; of other readings numbers alone are kept.
    printed = Evidence.page_id.in_(select(Page.id).where(*ours)), Evidence.kind == EvidenceKind.PRINTED
    session.execute(update(Evidence).where(*printed).values(details={}))
    gone = {"state": PageState.PURGED, "image_id": None, "phash": "", "changed_at": moment}
    session.execute(update(Page).where(*ours).values(gone))
    session.execute(
        update(Step).where(Step.placement_id == placement_id, Step.undone_at.is_(None)).values(undone_at=moment)
    )
    session.expire_all()


def _let_go(session: Session, placement_id: UUID, until: datetime) -> None:
    """Nothing refers to the files any more."""
    sent = SentFile.placement_id == placement_id, SentFile.created_at <= until, SentFile.file_id.is_not(None)
    session.execute(update(SentFile).where(*sent).values(state=FileState.PURGED, file_id=None))
    exports = Export.placement_id == placement_id, Export.created_at <= until
    session.execute(update(Export).where(*exports).values(file_id=None, papers=0, unnamed=0))
    deliveries = Delivery.paper_id.in_(_papers(placement_id, until)), Delivery.created_at <= until
    session.execute(update(Delivery).where(*deliveries).values(file_id=None))
    works = _works(placement_id, until)
    reviews = select(Review.id).where(Review.submission_id.in_(works))
    session.execute(delete(MarkedCopy).where(MarkedCopy.review_id.in_(reviews)))
    session.execute(delete(SubmissionFile).where(SubmissionFile.submission_id.in_(works)))
    session.expire_all()


def unfinished_uploads(session: Session, purge: Purge) -> Sequence[PartialUpload]:
    """Parts of files that nobody went on with: they lie beside the store."""
    wanted = PartialUpload.placement_id == purge.placement_id, PartialUpload.created_at <= purge.created_at
    return session.scalars(select(PartialUpload).where(*wanted)).all()
