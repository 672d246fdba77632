"""The privacy notice: shown before the first question, accepted once for each version of its text (R22, R156, R189)."""

import hashlib

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.site_settings.catalogue import PRIVACY_NOTICE, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.models import NoticeAcceptance

ACCEPTED = select(NoticeAcceptance.id).where(
    NoticeAcceptance.person_id == bindparam("person_id"), NoticeAcceptance.text_version == bindparam("version")
)


def find_open_notice(session: Session, settings: Snapshot, viewer: Viewer) -> str | None:
    """The notice that the viewer has still to accept, if there is one."""
    text = notice_in(settings)
    if not text:
        return None
    accepted = session.scalar(ACCEPTED, {"person_id": viewer.person_id, "version": version_of(text)})
    return None if accepted else text


def notice_in(settings: Snapshot) -> str:
    """The notice in force; empty where none is shown."""
    return settings.read(PRIVACY_NOTICE).strip() if settings.read(SHOW_PRIVACY_NOTICE) else ""


def accept_notice(session: Session, viewer: Viewer, version: str) -> None:
    """Store that the viewer accepted the version that was shown; accepting twice changes nothing."""
    session.execute(
        insert(NoticeAcceptance)
        .values(person_id=viewer.person_id, text_version=version[:64], accepted_at=now())
        .on_conflict_do_nothing()
    )


def require_accepted(session: Session, settings: Snapshot, viewer: Viewer) -> None:
    """Raises NotAllowed (`notice_open`) while a notice waits."""
    if find_open_notice(session, settings, viewer) is not None:
        raise NotAllowed("notice_open", "Please read and accept the privacy notice first.")


def version_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
