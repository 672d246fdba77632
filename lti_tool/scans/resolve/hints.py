"""What helps a person who looks at a paper or page: what was read on it, and pages that look like its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.alike import find_alike
from lti_tool.scans.pages.evidence import NAMES, evidence_of
from lti_tool.scans.pages.models import Evidence, Page, PaperPage
from lti_tool.scans.pages.states import EvidenceKind

COMPARED = 40
"""Pages of one paper that are compared with all others; a pile without codes may have hundreds."""
TOLD = frozenset({EvidenceKind.DIGITS, EvidenceKind.BUBBLES, EvidenceKind.PRINTED})


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A page that looks like page `number` of what is shown; where it stands in its paper, if it stands in one."""

    number: int
    page: Page
    paper: Paper | None
    position: int | None


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a machine read: a number, or lines that may be names."""

    kind: EvidenceKind
    claim: str
    names: Sequence[str]
    percent: int
    version: str


def alike_pages(session: Session, viewer: Viewer, pages: Sequence[Page]) -> list[Alike]:
    """For each page the one or two of other papers that look most like it."""
    viewer.require(Capability.HANDLE_SCANS)
    return [
        _alike(session, number, other)
        for number, page in enumerate(pages[:COMPARED], start=1)
        for other in find_alike(session, page)
    ]


def readings_of(session: Session, viewer: Viewer, paper: Paper) -> list[Read]:
    """What was read on the pages of a paper, with how sure the reader is and which one it was."""
    viewer.require(Capability.HANDLE_SCANS)
    return [_read(row) for row in evidence_of(session, [paper])[paper.id] if _tells(row)]


def _alike(session: Session, number: int, page: Page) -> Alike:
    found = session.execute(
        select(Paper, PaperPage.position).join(PaperPage).where(PaperPage.page_id == page.id)
    ).one_or_none()
    paper, position = found if found else (None, None)
    return Alike(number=number, page=page, paper=paper, position=position)


def _tells(row: Evidence) -> bool:
    return row.kind in TOLD and bool(row.claim or row.details.get(NAMES))


def _read(row: Evidence) -> Read:
    return Read(
        kind=EvidenceKind(row.kind),
        claim=row.claim,
        names=row.details.get(NAMES, []),
        percent=round(100 * row.confidence),
        version=row.model_version,
    )
