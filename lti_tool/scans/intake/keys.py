"""Keys of scanners: shown once, kept as a hash, good for adding files to one exam and for nothing else, revocable."""

import hashlib
import secrets as lots
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.scans.exam import exam_of
from lti_tool.scans.intake.models import ScannerKey

PREFIX = "lectern-scanner-"
LONGEST_LABEL = 80


def make_key(session: Session, viewer: Viewer, label: str) -> str:
    """A new key for this exam; its secret is the answer and is not kept."""
    viewer.require(Capability.HANDLE_SCANS)
    label = " ".join(label.split())
    if not label or len(label) > LONGEST_LABEL:
        raise InvalidInput("label_missing", "Say in a few words which scanner this key is for.")
    secret = PREFIX + lots.token_urlsafe(32)
    key = ScannerKey(
        placement_id=exam_of(session, viewer).id,
        label=label,
        secret_sha256=_hash(secret),
        created_by_id=viewer.person_id,
    )
    session.add(key)
    session.flush()
    _tell(session, viewer, "scans.key_made", key)
    return secret


def keys_of(session: Session, viewer: Viewer) -> list[ScannerKey]:
    """The exam's keys that were not revoked."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    found = select(ScannerKey).where(ScannerKey.placement_id == exam.id, ScannerKey.revoked_at.is_(None))
    return list(session.scalars(found.order_by(ScannerKey.created_at)))


def revoke_key(session: Session, viewer: Viewer, key_id: UUID) -> None:
    """From now on nobody uploads with it."""
    key = next((key for key in keys_of(session, viewer) if key.id == key_id), None)
    if key is None:
        raise NotFound("key_unknown")
    key.revoked_at = now()
    session.flush()
    _tell(session, viewer, "scans.key_revoked", key)


def key_with(session: Session, authorization: str) -> ScannerKey:
    """The key of an `Authorization: Bearer` header; raises NotAllowed."""
    scheme, _space, secret = authorization.partition(" ")
    found = select(ScannerKey).where(ScannerKey.secret_sha256 == _hash(secret.strip()), ScannerKey.revoked_at.is_(None))
    key = session.scalar(found) if scheme.lower() == "bearer" and secret.startswith(PREFIX) else None
    if key is None:
        raise NotAllowed("key_unknown", "This scanner's key is not known here, or was revoked.")
    key.used_at = now()
    return key


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _tell(session: Session, viewer: Viewer, action: str, key: ScannerKey) -> None:
    audit.by(session, viewer, action, object_type="scanner_key", object_id=key.id)
