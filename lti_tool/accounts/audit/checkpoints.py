"""Signing the end of the chain every hour, so that whoever holds only the database cannot write the chain anew.

The signature's key lies in the keys folder. Each checkpoint is also logged: a copy of the log shows it from outside.
"""

import hashlib
import hmac
import logging

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditCheckpoint, AuditEntry
from lti_tool.accounts.audit.verification import Damage, Finding, Head, finding, head_of

log = logging.getLogger(__name__)


def sign_head(session: Session, app_key: str) -> None:
    """Sign where the chain ends now; nothing to do when nothing was added since."""
    head = head_of(session)
    if head is None or head.sequence == 0:
        return
    new = insert(AuditCheckpoint).values(sequence=head.sequence, hash=head.hash, signature=signature_of(head, app_key))
    session.execute(new.on_conflict_do_nothing())
    log.info("audit.signed", extra={"sequence": head.sequence, "hash": head.hash.hex()})


def signature_of(head: Head, app_key: str) -> bytes:
    words = b"lectern audit %d %s" % (head.sequence, head.hash.hex().encode())
    return hmac.digest(app_key.encode(), words, hashlib.sha256)


def check_signatures(session: Session, app_key: str) -> list[Finding]:
    """Compare each signed checkpoint with the entry that stands there now."""
    rows = session.execute(
        select(AuditCheckpoint, AuditEntry.hash)
        .outerjoin(AuditEntry, AuditEntry.sequence == AuditCheckpoint.sequence)
        .order_by(AuditCheckpoint.sequence)
    )
    return [finding(point.sequence, Damage.REWRITTEN) for point, found in rows if not _holds(point, found, app_key)]


def _holds(point: AuditCheckpoint, found: bytes | None, app_key: str) -> bool:
    signed = Head(sequence=point.sequence, hash=point.hash)
    return found == point.hash and hmac.compare_digest(signature_of(signed, app_key), point.signature)
