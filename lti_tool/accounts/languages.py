"""Which language to write to a person in, when no request says it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import BoundLaunch


def language_of(session: Session, person_id: int) -> str:
    """The language that the person's pages had last."""
    latest = select(BoundLaunch.locale).where(BoundLaunch.person_id == person_id)
    return session.scalar(latest.order_by(BoundLaunch.created_at.desc()).limit(1)) or "en"
