"""A paper becomes a submission whose one file is the PDF of its pages: once for each time it is bound to somebody.

The PDF is put together between two transactions. Killed anywhere, the job runs again: what is there by then is found
by its key, and a paper that was taken back meanwhile is left alone.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.files import sandbox
from lti_tool.files.intake import AcceptedUpload
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.grading.activities import lock_work
from lti_tool.grading.handing_in import Taken, store_work, submit_work
from lti_tool.grading.models import Submission, SubmissionState
from lti_tool.grading.withdrawing import withhold_work
from lti_tool.scans.custody import check_custody
from lti_tool.scans.handover.covering import covered_of
from lti_tool.scans.handover.putting_together import put_together
from lti_tool.scans.handover.rules import KEY, MarkedFrom, is_to_be_marked
from lti_tool.scans.handover.works import is_on_desk, next_key_of
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pictures import picture_source
from lti_tool.scans.states import PaperState, VerificationKind
from lti_tool.scans.verifications import find_verification

FILE_NAME = "paper.pdf"
"""No name and no number: whoever marks may not know whose it is."""
LIMITS = sandbox.Limits(cpu_seconds=80)
MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the PDF is made of, as the paper is bound now."""

    binding: int
    pictures: Sequence[tuple[str, int]]
    covered: dict[str, float]


def hand_paper_over(engine: Engine, store: FileStore, paper_id: UUID) -> None:
    """Put the paper on the desk if it belongs there and is not there yet."""
    with transaction(engine) as session:
        material = material_of(session, store, paper_id)
    if material is None:
        return
    with tempfile.TemporaryDirectory(prefix="lectern-paper-") as folder:
        target = Path(folder) / FILE_NAME
        sandbox.run_within(LIMITS, put_together, list(material.pictures), str(target))
        with transaction(engine) as session:
            keep_work(session, store, paper_id, material, target)


def papers_to_hand_over(session: Session, exam_id: UUID | None = None) -> list[UUID]:
    """Papers that belong on the desk and are not there: of one exam, or wherever a job was lost."""
    wanted = (
        select(Paper.id)
        .join(Placement, Placement.id == Paper.placement_id)
        .where(
            or_(
                Paper.state == PaperState.CONFIRMED,
                (Paper.state == PaperState.RELEASED) & (Placement.options[KEY].astext == MarkedFrom.RELEASED),
            ),
            ~exists().where(
                Submission.placement_id == Paper.placement_id,
                Submission.person_id == Paper.person_id,
                or_(Submission.client_key == _key(), Submission.client_key.startswith(_key() + ":")),
                Submission.state == SubmissionState.SUBMITTED,
            ),
        )
    )
    of_exam = wanted.where(Paper.placement_id == exam_id) if exam_id else wanted.limit(MOST_AT_ONCE)
    return list(session.scalars(of_exam.order_by(Paper.changed_at)))


def _key() -> ColumnElement[str]:
    return literal("paper:") + cast(Paper.id, String) + literal(":") + cast(Paper.binding, String)


def material_of(session: Session, store: FileStore, paper_id: UUID) -> Material | None:
    """What the paper's PDF is made of; None where it does not belong on the desk, or is there."""
    paper = session.get(Paper, paper_id)
    if paper is None or not _is_wanted(session, paper):
        return None
    check_custody(session, store, paper)
    pages = pages_of(session, paper)
    return Material(
        binding=paper.binding,
        pictures=[(str(picture_source(store, page)), page.rotation) for page in pages],
        covered=covered_of(session, pages),
    )


def _is_wanted(session: Session, paper: Paper) -> bool:
    exam = session.get_one(Placement, paper.placement_id)
    return is_to_be_marked(exam, paper) and not is_on_desk(session, paper)


def keep_work(session: Session, store: FileStore, paper_id: UUID, material: Material, pdf: Path) -> None:
    """Put the PDF on the desk, unless the paper was taken back or somebody was faster.

    The paper is locked first, as by whoever takes it back: either of the two comes second and sees the other.
    """
    paper = session.get_one(Paper, paper_id, with_for_update={"of": Paper}, populate_existing=True)
    exam = session.get_one(Placement, paper.placement_id)
    if paper.person_id is None or paper.binding != material.binding or not _is_wanted(session, paper):
        return
    lock_work(session, exam, paper.person_id)
    with pdf.open("rb") as stream:
        file = AcceptedUpload(
            stream=stream,
            name=FILE_NAME,
            media_type=MediaType.PDF,
            size=pdf.stat().st_size,
            pages=len(material.pictures),
        )
        taken = Taken(person_id=paper.person_id, client_key=next_key_of(session, paper), text="", files=[file])
        work = store_work(session, exam, taken, store)
    work.files[0].covered = dict(material.covered)
    session.flush()
    submit_work(session, work)
    if find_verification(session, paper, VerificationKind.MINE) is None:
        withhold_work(session, work)
    _tell(session, exam, paper, work)


def _tell(session: Session, exam: Placement, paper: Paper, work: Submission) -> None:
    audit.record(
        session,
        "scans.handed_over",
        course_id=exam.course_id,
        object_type="paper",
        object_id=paper.id,
        details={"binding": paper.binding, "submission": str(work.id), "sha256": work.sha256},
    )
