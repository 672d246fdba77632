"""Continuation sheets: further paper on which a student writes the register number; alone it is nobody's paper."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.scans.exam import entrants_of
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.evidence import as_reading, evidence_of
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.judging import PLAUSIBLE, VERIFIES, Entrants
from lti_tool.scans.readers.matching import loss_of
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.sheets.models import Booklet, SheetKind
from lti_tool.scans.states import PaperState

OPEN = (PaperState.RECEIVED, PaperState.UNMATCHED)


def is_continuation(session: Session, paper: Paper) -> bool:
    """Whether the paper is such a sheet, not joined to the paper that it continues."""
    booklet = session.get(Booklet, paper.booklet) if paper.booklet else None
    return booklet is not None and booklet.kind == SheetKind.CONTINUATION


def owner_of(session: Session, exam: Placement, sheet: Paper) -> int | None:
    """Whose number is written on the sheet, where one student's fits clearly better than any other's."""
    written = _written(session, sheet)
    entrants = Entrants.of(entrants_of(session, exam.course_id))
    best = entrants.roster.candidates(written.places, 1) if written else []
    if not best or best[0].loss >= PLAUSIBLE or best[0].margin < PLAUSIBLE:
        return None
    return entrants.people[best[0].number]


def awaits_continuation(session: Session, exam: Placement, paper: Paper) -> bool:
    """Whether a sheet waits that may be part of this paper: the paper is then not complete."""
    sheets = session.scalars(
        select(Paper)
        .join(Booklet, Booklet.serial == Paper.booklet)
        .where(Paper.placement_id == exam.id, Paper.state.in_(OPEN), Booklet.kind == SheetKind.CONTINUATION)
    ).all()
    if not sheets:
        return False
    own = [number for number, owner in entrants_of(session, exam.course_id).items() if owner == paper.person_id]
    readings = [reading for sheet in sheets if (reading := _written(session, sheet))]
    return any(loss_of(reading.places, number) < VERIFIES for reading in readings for number in own)


def _written(session: Session, sheet: Paper) -> Reading | None:
    rows = evidence_of(session, [sheet])[sheet.id]
    return next((as_reading(row) for row in rows if row.kind == EvidenceKind.DIGITS), None)
