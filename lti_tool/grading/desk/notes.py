"""Private notes about a student's work: for staff alone, and part of nothing that is ever released."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.grading.desk.models import PrivateNote

LONGEST_NOTE = 2_000


def notes_about(
    session: Session, viewer: Viewer, placement: Placement, person_id: int, *, is_independent: bool = False
) -> Sequence[PrivateNote]:
    """What staff wrote about a person's work, oldest first; only one's own while two mark it independently."""
    viewer.require(Capability.GRADE)
    wanted = select(PrivateNote).where(PrivateNote.placement_id == placement.id, PrivateNote.person_id == person_id)
    if is_independent:
        wanted = wanted.where(PrivateNote.author_id == viewer.person_id)
    return session.scalars(wanted.order_by(PrivateNote.created_at, PrivateNote.id)).all()


def write_note(session: Session, viewer: Viewer, placement: Placement, person_id: int, text: str) -> PrivateNote:
    """Raises InvalidInput; nobody writes notes about themselves."""
    viewer.require(Capability.GRADE)
    if viewer.person_id == person_id:
        raise NotAllowed("own_grade", "You cannot grade yourself.")
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_NOTE or "\0" in text:
        raise InvalidInput("note_unusable", "A note has 1 to %(most)s characters.", {"most": LONGEST_NOTE})
    note = PrivateNote(placement_id=placement.id, person_id=person_id, author_id=viewer.person_id, text=text)
    session.add(note)
    session.flush()
    return note


def note_for(session: Session, viewer: Viewer, note_id: UUID) -> PrivateNote:
    """A note of the viewer's own at this activity; raises NotFound."""
    viewer.require(Capability.GRADE)
    note = session.get(PrivateNote, note_id)
    if note is None or (note.placement_id, note.author_id) != (viewer.placement_id, viewer.person_id):
        raise NotFound("note_unknown")
    return note
