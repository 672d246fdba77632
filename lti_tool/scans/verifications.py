"""What a person says about a paper, signed: anybody who holds the installation's key can tell a forged record."""

import hashlib
import hmac
import json
from datetime import UTC
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.states import Report, VerificationKind
from lti_tool.secrets import Secrets

LONGEST_MESSAGE = 2_000


def verify(
    session: Session,
    secrets: Secrets,
    viewer: Viewer,
    paper: Paper,
    kind: VerificationKind,
    *,
    report: Report | None = None,
    message: str = "",
) -> Verification:
    """Keep what the viewer says about the paper as it is bound now."""
    assert paper.person_id is not None
    record = Verification(
        id=uuid4(),
        paper_id=paper.id,
        binding=paper.binding,
        person_id=paper.person_id,
        by_id=viewer.person_id,
        kind=kind,
        report=report,
        message=checked_message(message),
        sha256=paper.sha256,
        pages=paper.pages,
        signed_at=now(),
    )
    record.signature = _signature(secrets, record)
    session.add(record)
    session.flush()
    _audit(session, viewer, record)
    return record


def is_genuine(secrets: Secrets, record: Verification) -> bool:
    """Whether the record still is what was signed."""
    return hmac.compare_digest(record.signature, _signature(secrets, record))


def find_verification(session: Session, paper: Paper, kind: VerificationKind) -> Verification | None:
    """What was last said of this kind about the paper as it is bound now."""
    return session.scalar(
        select(Verification)
        .where(
            Verification.paper_id == paper.id,
            Verification.binding == paper.binding,
            Verification.person_id == paper.person_id,
            Verification.kind == kind,
        )
        .order_by(Verification.signed_at.desc())
        .limit(1)
    )


def receipt_of(session: Session, paper: Paper) -> Verification | None:
    """What stands for the confirmation: the student's own, or the acceptance after the deadline."""
    own = find_verification(session, paper, VerificationKind.COMPLETE)
    return own or find_verification(session, paper, VerificationKind.ACCEPTED)


def history_of(session: Session, paper: Paper) -> list[Verification]:
    """Everything that was said about the paper, from the first."""
    return list(
        session.scalars(select(Verification).where(Verification.paper_id == paper.id).order_by(Verification.signed_at))
    )


def checked_message(message: str) -> str:
    """A message within bounds, without the NUL that the database cannot hold."""
    message = message.replace("\r\n", "\n").strip()
    if len(message) > LONGEST_MESSAGE or "\0" in message:
        raise InvalidInput(
            "message_unusable",
            "A message has at most %(longest_message)s characters.",
            {"longest_message": LONGEST_MESSAGE},
        )
    return message


def _signature(secrets: Secrets, record: Verification) -> str:
    said = {
        "id": str(record.id),
        "paper": str(record.paper_id),
        "binding": record.binding,
        "person": record.person_id,
        "by": record.by_id,
        "kind": str(record.kind),
        "report": record.report,
        "message": record.message,
        "sha256": record.sha256,
        "pages": record.pages,
        "at": record.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    content = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(secrets.app_key.encode(), b"verification:" + content, hashlib.sha256).hexdigest()


def _audit(session: Session, viewer: Viewer, record: Verification) -> None:
    audit.by(
        session,
        viewer,
        f"scans.{record.kind}",
        object_type="paper",
        object_id=record.paper_id,
        details={
            "verification": record.id,
            "person": record.person_id,
            "binding": record.binding,
            "sha256": record.sha256,
            "report": record.report,
        },
    )
