"""`verify` names each row that is not what was written."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.audit.verification import Damage


@pytest.fixture
def chain(session: Session) -> Iterator[Session]:
    """Five sealed entries, and the right to do what an intruder with the database's password could."""
    for number in range(5):
        audit.record(session, "grade.approved", actor_id=number, details={"level": "gut – 良", "parts": [1, None]})
    assert audit.verify(session) == []
    session.execute(text("SET session_replication_role = replica"))
    yield session
    session.execute(text("SET session_replication_role = origin"))


def findings(session: Session, *attacks: str) -> list[tuple[int | None, Damage]]:
    for attack in attacks:
        session.execute(text(attack))
    return [(finding.sequence, finding.damage) for finding in audit.verify(session)]


def test_an_untouched_chain_has_no_findings(chain: Session) -> None:
    assert findings(chain) == []


@pytest.mark.parametrize(
    "change",
    [
        "actor_id = 99",
        "action = 'grade.pushed'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "details = '{}'",
        "digest = sha256('x')",
        "hash = sha256('x')",
    ],
)
def test_a_changed_entry_is_named(chain: Session, change: str) -> None:
    assert (3, Damage.CHANGED) in findings(chain, f"UPDATE audit_entry SET {change} WHERE sequence = 3")


def test_a_removed_entry_is_named(chain: Session) -> None:
    assert findings(chain, "DELETE FROM audit_entry WHERE sequence = 2") == [(2, Damage.REMOVED)]


def test_a_gap_that_was_closed_by_renumbering_is_found(chain: Session) -> None:
    found = findings(
        chain,
        "DELETE FROM audit_entry WHERE sequence = 2",
        "UPDATE audit_entry SET sequence = sequence - 1 WHERE sequence > 2",
    )
    assert found == [(2, Damage.REORDERED), (5, Damage.CUT_OFF)]


def test_two_swapped_entries_are_named_and_no_other(chain: Session) -> None:
    found = findings(
        chain,
        "UPDATE audit_entry SET sequence = -3 WHERE sequence = 3",
        "UPDATE audit_entry SET sequence = 3 WHERE sequence = 4",
        "UPDATE audit_entry SET sequence = 4 WHERE sequence = -3",
    )
    assert found == [(3, Damage.REORDERED), (4, Damage.REORDERED)]


def test_a_tail_that_was_cut_off_is_found(chain: Session) -> None:
    assert findings(chain, "DELETE FROM audit_entry WHERE sequence > 3") == [(4, Damage.CUT_OFF)]


def test_everything_deleted_is_found(chain: Session) -> None:
    assert findings(chain, "DELETE FROM audit_entry") == [(1, Damage.CUT_OFF)]


def test_a_lost_head_is_found(chain: Session) -> None:
    assert findings(chain, "DELETE FROM audit_head") == [(None, Damage.HEAD_LOST)]


def test_an_entry_beyond_the_head_is_found(chain: Session) -> None:
    copy = (
        "INSERT INTO audit_entry (sequence, previous_hash, hash, occurred_at, action, object_type, object_id, details,"
        " digest) SELECT 6, previous_hash, hash, occurred_at, action, '', '', details, digest"
        " FROM audit_entry WHERE sequence = 5"
    )
    assert findings(chain, copy) == [(6, Damage.INSERTED)]


def test_an_entry_rewritten_with_a_fitting_digest_breaks_the_chain(chain: Session) -> None:
    found = findings(
        chain,
        "UPDATE audit_entry SET digest = sha256('forged'), hash = sha256(previous_hash || sha256('forged'))"
        " WHERE sequence = 3",
    )
    assert [sequence for sequence, _ in found] == [3, 4]
