"""What came in, newest first, with what became of each file: also what was refused, repeated or is still being read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import exam_of
from lti_tool.scans.intake.models import PartialUpload
from lti_tool.scans.models import SentFile
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import TRAYS
from lti_tool.scans.states import FileState

SHOWN_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Received:
    """The newest files, how many there are in all, and uploads on their way."""

    files: Sequence[SentFile]
    count: int
    in_trays: dict[object, int]
    on_their_way: Sequence[PartialUpload]

    @property
    def is_unfinished(self) -> bool:
        return bool(self.on_their_way) or any(file.state == FileState.RECEIVED for file in self.files)


def received_files(session: Session, viewer: Viewer) -> Received:
    """The list of the exam's files for staff."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    own = select(SentFile).where(SentFile.placement_id == exam.id, SentFile.state != FileState.UNPACKED)
    files = list(session.scalars(own.order_by(SentFile.created_at.desc(), SentFile.name).limit(SHOWN_AT_ONCE)))
    uploads = select(PartialUpload).where(
        PartialUpload.placement_id == exam.id, PartialUpload.finished_at.is_(None), PartialUpload.received > 0
    )
    return Received(
        files=files,
        count=session.scalar(select(func.count()).select_from(own.subquery())) or 0,
        in_trays=_in_trays(session, files),
        on_their_way=list(session.scalars(uploads.order_by(PartialUpload.created_at))),
    )


def _in_trays(session: Session, files: Sequence[SentFile]) -> dict[object, int]:
    found = session.execute(
        select(Page.sent_file_id, func.count())
        .where(Page.sent_file_id.in_([file.id for file in files]), Page.state.in_(TRAYS))
        .group_by(Page.sent_file_id)
    )
    return {file_id: count for file_id, count in found}
