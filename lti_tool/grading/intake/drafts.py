"""A student's text while it is written: kept by a button or by itself, and there again after a reload."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.intake.models import WorkDraft

LONGEST_TEXT = 100_000


def save_draft(session: Session, viewer: Viewer, placement: Placement, text: str) -> datetime:
    """Keep the text as it is now; the moment it was kept. Raises InvalidInput, NotAllowed."""
    if viewer.is_staff:
        raise NotAllowed("staff_submission", "Only students hand in work here.")
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput(
            "text_unusable",
            "A text has at most %(longest_text)s characters. Send it as a file.",
            {"longest_text": LONGEST_TEXT},
        )
    saved_at = now()
    kept = {"text": text, "saved_at": saved_at}
    row = insert(WorkDraft).values(placement_id=placement.id, person_id=viewer.person_id, **kept)
    session.execute(row.on_conflict_do_update(index_elements=["placement_id", "person_id"], set_=kept))
    return saved_at


def find_draft(session: Session, viewer: Viewer, placement: Placement) -> WorkDraft | None:
    """The viewer's own; None where nothing is kept."""
    wanted = select(WorkDraft).where(WorkDraft.placement_id == placement.id, WorkDraft.person_id == viewer.person_id)
    return session.scalar(wanted.execution_options(populate_existing=True))


def forget_draft(session: Session, viewer: Viewer, placement: Placement) -> None:
    """What was handed in needs no draft."""
    session.execute(
        delete(WorkDraft).where(WorkDraft.placement_id == placement.id, WorkDraft.person_id == viewer.person_id)
    )
