"""Keep what was read on a page, each claim with its confidence and its reader's version, and find it again.

The likelihood of every digit is kept too: a changed roster is matched with it anew, without a new scan.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.scans.models import Paper
from lti_tool.scans.pages.models import Evidence, Page, PaperPage
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.sheets.codes import exam_mark, read_code
from lti_tool.secrets import Secrets

NAMES = "names"
"""In the details of what is printed on top of a page: lines that may be names."""
FOREIGN = "foreign"
"""In the details of a page code that this installation printed for another exam."""


def keep_readings(session: Session, secrets: Secrets, page: Page, read: Mapping[str, Any]) -> None:
    """Keep what the readers found; a code that we did not print is kept as a claim and believed by nobody."""
    if not read:
        return
    code = read_code(secrets, read["code"])
    is_foreign = code is not None and code.exam != exam_mark(page.placement_id)
    details = {"is_ours": code is not None, FOREIGN: is_foreign, "dots_per_inch": read["dots_per_inch"]}
    _add(session, page, EvidenceKind.PAGE_CODE, read["code"], 1.0 if code else 0.0, read["version"], details)
    if code is None:
        return
    if not code.is_sticker:
        page.rotation = (360 - int(read["turned"])) % 360
    if not is_foreign:
        # A sticker names the booklet and no page of it.
        page.booklet, page.sheet_number = code.serial, code.page or None
    for found in read["readings"]:
        details = {"places": found["places"], "is_clear": found["is_clear"]}
        _add(session, page, EvidenceKind(found["kind"]), found["claim"], found["score"], found["version"], details)
    session.flush()


def keep_head(session: Session, page_id: UUID, read: Mapping[str, Any]) -> None:
    """Keep what is printed on top of a page: a number, and lines that may be names; also that nothing was found."""
    session.add(
        Evidence(
            page_id=page_id,
            kind=EvidenceKind.PRINTED,
            claim=read["claim"],
            confidence=read["score"],
            model_version=read["version"],
            details={NAMES: read["names"]},
        )
    )
    session.flush()


def is_foreign(session: Session, page: Page) -> bool:
    """Whether the page carries the code of another exam."""
    codes = select(Evidence).where(Evidence.page_id == page.id, Evidence.kind == EvidenceKind.PAGE_CODE)
    return any(code.details.get(FOREIGN) for code in session.scalars(codes))


def evidence_of(session: Session, papers: Iterable[Paper]) -> dict[UUID, list[Evidence]]:
    """Everything that was read on the papers' pages or said about them, oldest first, by paper."""
    found: dict[UUID, list[Evidence]] = {paper.id: [] for paper in papers}
    said = select(Evidence, Paper.id).join(Paper, Paper.id == Evidence.paper_id).where(Paper.id.in_(found))
    read = select(Evidence, PaperPage.paper_id).join(PaperPage, PaperPage.page_id == Evidence.page_id)
    for query in (said, read.where(PaperPage.paper_id.in_(found))):
        for evidence, paper_id in session.execute(query):
            found[paper_id].append(evidence)
    return {paper_id: sorted(rows, key=lambda row: row.id) for paper_id, rows in found.items()}


def as_reading(evidence: Evidence) -> Reading:
    """The stored claim as the readers' own value."""
    places = evidence.details.get("places", [])
    return Reading(
        kind=EvidenceKind(evidence.kind),
        claim=evidence.claim,
        score=evidence.confidence,
        version=evidence.model_version,
        places=tuple(tuple(place) for place in places),
        is_clear=bool(evidence.details.get("is_clear", True)),
    )


def _add(
    session: Session,
    page: Page,
    kind: EvidenceKind,
    claim: str,
    confidence: float,
    version: str,
    details: dict[str, Any],
) -> None:
    session.add(
        Evidence(page_id=page.id, kind=kind, claim=claim, confidence=confidence, model_version=version, details=details)
    )
