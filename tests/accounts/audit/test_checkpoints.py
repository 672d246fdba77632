"""Whoever has the database but not the keys folder cannot write the chain anew unnoticed."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.audit.checkpoints import check_signatures, sign_head
from lti_tool.accounts.audit.models import AuditCheckpoint
from lti_tool.accounts.audit.verification import Damage

REWRITE = """
SET session_replication_role = replica;
UPDATE audit_entry SET digest = sha256('forged'), hash = sha256(previous_hash || sha256('forged'));
UPDATE audit_head SET hash = (SELECT hash FROM audit_entry);
SET session_replication_role = origin;
"""


def signed_chain(session: Session) -> None:
    audit.record(session, "grade.approved")
    audit.verify(session)
    sign_head(session, "key")


def test_a_signed_chain_holds(session: Session) -> None:
    signed_chain(session)
    assert check_signatures(session, "key") == []


def test_a_chain_written_anew_is_noticed(session: Session) -> None:
    signed_chain(session)
    session.execute(text(REWRITE))
    assert [(found.sequence, found.damage) for found in check_signatures(session, "key")] == [(1, Damage.REWRITTEN)]


def test_a_signature_of_another_key_does_not_count(session: Session) -> None:
    signed_chain(session)
    assert [found.damage for found in check_signatures(session, "guessed")] == [Damage.REWRITTEN]


def test_an_unchanged_head_is_signed_once(session: Session) -> None:
    signed_chain(session)
    sign_head(session, "key")
    assert session.scalars(select(AuditCheckpoint.sequence)).all() == [1]


def test_an_empty_chain_is_not_signed(session: Session) -> None:
    sign_head(session, "key")
    assert session.scalars(select(AuditCheckpoint.sequence)).all() == []
