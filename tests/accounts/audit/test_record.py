"""An audit entry: written with its cause, sealed by the commit, never changed."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.audit import AuditEntry
from lti_tool.db import transaction


def seal(session: Session) -> None:
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.expire_all()


def test_an_entry_says_who_did_what_to_what(session: Session) -> None:
    entry = audit.record(
        session, "grade.approved", course_id=3, actor_id=7, actor_role="teacher", object_type="grade", object_id=11
    )
    assert (entry.action, entry.course_id, entry.actor_id, entry.object_id) == ("grade.approved", 3, 7, "11")


def test_an_entry_is_numbered_when_its_transaction_ends(session: Session) -> None:
    entry = audit.record(session, "grade.approved")
    assert entry.sequence is None
    seal(session)
    assert entry.sequence == 1


def test_what_is_rolled_back_leaves_no_gap(committed_engine: Engine) -> None:
    with Session(committed_engine) as abandoned:
        audit.record(abandoned, "grade.approved")
        abandoned.rollback()
    with transaction(committed_engine) as session:
        audit.record(session, "grade.pushed")
    with transaction(committed_engine) as session:
        assert session.execute(select(AuditEntry.action, AuditEntry.sequence)).all() == [("grade.pushed", 1)]


def test_two_open_transactions_do_not_wait_for_each_other(committed_engine: Engine) -> None:
    with Session(committed_engine) as first, Session(committed_engine) as second:
        audit.record(first, "grade.first")
        audit.record(second, "grade.second")
        second.commit()
        first.commit()
        order = second.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
    assert order == ["grade.second", "grade.first"]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_entry SET actor_id = 8",
        "UPDATE audit_entry SET sequence = 2",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_head SET sequence = 0",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "INSERT INTO audit_entry (sequence, previous_hash, hash, occurred_at, action, object_type, object_id, details,"
        " digest) SELECT 9, hash, hash, now(), action, '', '', '{}', digest FROM audit_entry",
    ],
)
def test_the_table_refuses_every_change(session: Session, attack: str) -> None:
    audit.record(session, "grade.approved")
    seal(session)
    with pytest.raises(DBAPIError, match=r"append-only|sealed by its commit"):
        session.execute(text(attack))


def test_an_entry_that_waits_for_its_seal_cannot_be_changed_either(session: Session) -> None:
    audit.record(session, "grade.approved")
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text("UPDATE audit_entry SET actor_id = 8"))


def test_details_refuse_a_number_that_two_programs_may_spell_differently(session: Session) -> None:
    with pytest.raises(TypeError, match="floats"):
        audit.record(session, "grade.approved", details={"points": 0.1})


def test_an_action_has_a_subject_and_a_verb(session: Session) -> None:
    with pytest.raises(DBAPIError, match="ck_audit_entry_action"):
        audit.record(session, "Approved")
