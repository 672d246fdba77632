"""Printed numbers and names on papers that no code or handwriting names yet, read in the background (scans.md 4.2).

Weak evidence, and kept as such with the engine's confidence and version: it proposes and contradicts, it never
releases. Nothing happens where the optional engine is missing.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.content.extraction import recognition
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_by_id
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.matching import judge
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.evidence import keep_head
from lti_tool.scans.pages.heads import NOTHING, read_heads
from lti_tool.scans.pages.models import Evidence, Page, PaperPage
from lti_tool.scans.pages.states import EvidenceKind, PageState
from lti_tool.scans.states import FileState, PaperState, Strength

AT_ONCE = 8
"""Pages that one process reads."""
MOST_PAGES = 200
"""Of one file: a pile that never had a code is not read for hours."""
WAITING = (PaperState.UNMATCHED, PaperState.BOUND)
READABLE = (PageState.PLACED, PageState.UNKNOWN)


def has_heads_to_read(session: Session, sent: SentFile) -> bool:
    """Whether the file was read, the engine is here, and it may say something about its pages."""
    if sent.state != FileState.READ or not recognition.is_installed():
        return False
    return session.scalar(_unread(sent.id).limit(1)) is not None


def read_heads_of(runtime: Runtime, sent_file_id: UUID) -> None:
    """Read them some at a time, and judge again what they speak of. A second run reads what is left."""
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        exam = session.get_one(Placement, session.get_one(SentFile, sent_file_id).placement_id)
        pattern = NamePatterns.of_course(session, exam.course_id).register_number
        pages = {page.id: _picture(store, page) for page in session.scalars(_unread(sent_file_id).limit(MOST_PAGES))}
    for some in _pieces(list(pages), AT_ONCE):
        read = _read([pages[page_id] for page_id in some], pattern)
        with transaction(runtime.engine) as session:
            _keep(session, exam.id, dict(zip(some, read, strict=True)))


def _read(pictures: list[tuple[str, int]], pattern: str) -> list[dict[str, object]]:
    """A picture on which the engine fails says nothing, and is not tried again."""
    try:
        return sandbox.run_within(recognition.LIMITS, read_heads, pictures, pattern)
    except InvalidInput:
        if len(pictures) == 1:
            return [NOTHING]
        return [read for picture in pictures for read in _read([picture], pattern)]


def _keep(session: Session, exam_id: UUID, read: dict[UUID, dict[str, object]]) -> None:
    exam = exam_by_id(session, exam_id)
    known = set(session.scalars(select(Evidence.page_id).where(_of_heads(), Evidence.page_id.in_(read))))
    for page_id, found in read.items():
        if page_id not in known:
            keep_head(session, page_id, found)
    papers = select(Paper).join(PaperPage).where(PaperPage.page_id.in_(read))
    judge(session, exam, session.scalars(papers).unique())


def _unread(sent_file_id: UUID) -> Select[Page]:
    """Pages of a file without a page's code whose head was not read: covers of papers, and what lies in the tray."""
    is_cover = PaperPage.position == 1
    is_waiting = Paper.state.in_(WAITING) & Paper.strength.is_distinct_from(Strength.STRONG)
    has_sticker = Page.booklet.is_not(None)
    was_read = select(Evidence.id).where(Evidence.page_id == Page.id, _of_heads()).exists()
    return (
        select(Page)
        .outerjoin(PaperPage)
        .outerjoin(Paper)
        .where(
            Page.sent_file_id == sent_file_id,
            Page.image_id.is_not(None),
            Page.sheet_number.is_(None),
            Page.state.in_(READABLE),
            or_(Paper.id.is_(None), is_waiting & or_(is_cover, has_sticker)),
            ~was_read,
        )
        .order_by(Page.number)
    )


def _of_heads() -> ColumnElement[bool]:
    return Evidence.kind == EvidenceKind.PRINTED


def _picture(store: FileStore, page: Page) -> tuple[str, int]:
    assert page.image is not None
    return str(store.path(page.image)), page.rotation


def _pieces(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
