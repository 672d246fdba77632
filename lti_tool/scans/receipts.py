"""Is this receipt ours, and does it say what was confirmed? Whoever holds the installation's key can tell."""

import re
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.scans.models import Verification
from lti_tool.scans.states import VerificationKind
from lti_tool.scans.verifications import is_genuine
from lti_tool.secrets import Secrets

NUMBER = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
HASH = re.compile(r"\b[0-9a-f]{64}\b")
RECEIPTS = frozenset({VerificationKind.COMPLETE, VerificationKind.ACCEPTED})


def check_receipt(session: Session, secrets: Secrets, text: str) -> Verification:
    """The record of a receipt's text, in whatever language; raises InvalidInput if a word of it is not ours."""
    numbers, hashes = NUMBER.findall(text), HASH.findall(text)
    record = session.get(Verification, UUID(numbers[0])) if numbers else None
    if record is None or record.kind not in RECEIPTS:
        raise InvalidInput("receipt_unknown", "There is no confirmation with the number of this receipt.")
    if not is_genuine(secrets, record):
        raise InvalidInput("record_forged", "The stored record of this confirmation is not what was signed.")
    if set(hashes) != {record.sha256, record.signature}:
        raise InvalidInput("receipt_altered", "This receipt was altered: its fingerprint or signature is not ours.")
    return record
