"""The audit's rows and the triggers that seal and guard them.

An entry is written in the caller's transaction and sealed when that transaction commits: the database then takes the
head's lock, numbers the entry without a gap and chains it,

    hash = SHA-256(previous hash || digest),   digest = SHA-256(canonical JSON of the entry)

so the lock is held for the commit alone. Nothing may change, delete or truncate a row afterwards. Ids only: no
foreign keys (the audit outlives what it speaks of), no names, no messages.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, CreatedAt, Key, guard

START = bytes(32)
"""The hash before the first entry."""


class AuditEntry(Base):
    """Something that was done: by whom, to what, when."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("action ~ '^[a-z0-9_]+([.][a-z0-9_]+)+$'", name="action"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint(
            "(sequence IS NULL) = (hash IS NULL) AND (sequence IS NULL) = (previous_hash IS NULL)", name="sealed"
        ),
        Index("ix_audit_entry_course_id_sequence", "course_id", "sequence"),
        Index("ix_audit_entry_action_sequence", "action", "sequence"),
    )

    id: Mapped[Key]
    sequence: Mapped[int | None] = mapped_column(unique=True)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    action: Mapped[str]
    course_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    actor_role: Mapped[str | None]
    object_type: Mapped[str] = mapped_column(default="")
    object_id: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditHead(Base):
    """The end of the chain, in one row: it shows a tail that was cut off, and orders those who commit at once."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[Key]
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpoint(Base):
    """The chain's end at some hour, signed with a key that is not in the database: a chain written anew is noticed."""

    __tablename__ = "audit_checkpoint"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]


SEAL = """
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head audit_head;
BEGIN
    SELECT * INTO STRICT head FROM audit_head WHERE id = 1 FOR UPDATE;
    UPDATE audit_entry
       SET sequence = head.sequence + 1, previous_hash = head.hash, hash = sha256(head.hash || NEW.digest)
     WHERE id = NEW.id;
    UPDATE audit_head SET sequence = head.sequence + 1, hash = sha256(head.hash || NEW.digest) WHERE id = 1;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence IS NOT NULL THEN
        RAISE EXCEPTION 'an audit entry is sealed by its commit alone';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The seal writes from inside a trigger, and only to what is not sealed yet.
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
        IF TG_TABLE_NAME = 'audit_head' OR OLD.sequence IS NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is append-only';
END $$;

CREATE TRIGGER audit_entry_unsealed BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_sealed();
CREATE CONSTRAINT TRIGGER audit_entry_seal AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_seal();
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_append_only BEFORE UPDATE OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_no_truncate BEFORE TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
"""

guard(SEAL, probe="audit_seal")
