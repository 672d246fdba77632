"""How a person likes the desk: shortcuts on or off, the order of the queue, only their own share of it."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.desk.models import DeskPreference, Order

CHOICES = ("has_shortcuts", "queue_order", "is_mine_only")


def preference_of(session: Session, viewer: Viewer) -> DeskPreference:
    """What the viewer chose, else the defaults."""
    return session.get(DeskPreference, viewer.person_id) or DeskPreference(
        person_id=viewer.person_id, has_shortcuts=True, queue_order=Order.NAME, is_mine_only=False
    )


def prefer(session: Session, viewer: Viewer, **chosen: bool | Order) -> None:
    """Keep a choice, and leave the others as they are."""
    kept = preference_of(session, viewer)
    values = {name: getattr(kept, name) for name in CHOICES} | chosen
    session.execute(
        insert(DeskPreference)
        .values(person_id=viewer.person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    if kept in session:
        session.refresh(kept)
