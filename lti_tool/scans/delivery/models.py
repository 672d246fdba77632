"""Target > Delivery > DeliveryStep, and the keys that students lent (scans.md, Design).

The id of a delivery is its transaction id; `key` is the fingerprint of paper, target and kind, so that nothing is
delivered twice. The tables refuse: a move that states.MOVES does not hold, two workers on one person's files, a
delivery that changes what it is of, a key that lives longer than a day, and any change of the steps.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.files.models import StoredFile
from lti_tool.gradebook.models import Approval
from lti_tool.scans.delivery.guards import GUARDS
from lti_tool.scans.delivery.states import DeliveryState, Kind, Mode, StepKind
from lti_tool.scans.models import Paper


def _among(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


class DeliveryTarget(Base):
    """The Moodle assignment that an exam's papers go to, one at a time; `number` and `module` are Moodle's."""

    __tablename__ = "delivery_target"
    __table_args__ = (
        CheckConstraint(f"mode IN {_among(Mode)}", name="mode"),
        Index("uq_delivery_target_active", "placement_id", unique=True, postgresql_where=text("is_active")),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    mode: Mapped[str]
    number: Mapped[int]
    module: Mapped[int]
    title: Mapped[str]
    takes_grades: Mapped[bool] = mapped_column(default=False)
    statement: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    chosen_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class Delivery(Base):
    """One file of one paper on its way to one target.

    `sha256` is that of the file, which may be forgotten with the paper. `draft` is the draft area that holds it in
    Moodle, `remote_*` what was read back there.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(f"state IN {_among(DeliveryState)}", name="state"),
        CheckConstraint(f"kind IN {_among(Kind)}", name="kind"),
        CheckConstraint("key ~ '^[0-9a-f]{64}$'", name="key"),
        CheckConstraint("(kind = 'marked') = (approval_id IS NOT NULL)", name="marked_has_approval"),
        CheckConstraint("(state = 'running') = (lease IS NOT NULL AND leased_until IS NOT NULL)", name="lease"),
        CheckConstraint("state NOT IN ('blocked', 'conflict', 'retry') OR reason <> ''", name="reason"),
        CheckConstraint("state <> 'confirmed' OR (confirmed_at IS NOT NULL AND sha256 <> '')", name="confirmed"),
        CheckConstraint("(state = 'settled') = (settled_by_id IS NOT NULL)", name="settled_by"),
        CheckConstraint("tries >= 0", name="tries"),
        Index("uq_delivery_running", "target_id", "person_id", unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_delivery_due", "next_try_at", postgresql_where=text("state IN ('queued', 'retry')")),
    )

    id: Mapped[OpaqueKey]
    key: Mapped[str]
    target_id: Mapped[int] = mapped_column(ForeignKey("delivery_target.id"))
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), index=True)
    binding: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"), index=True)
    sha256: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=DeliveryState.QUEUED)
    reason: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    draft: Mapped[int | None]
    drafted_at: Mapped[datetime | None]
    remote_attempt: Mapped[int | None]
    remote_changed_at: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]

    target: Mapped[DeliveryTarget] = relationship()
    paper: Mapped[Paper] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="joined")
    settled_by: Mapped[Person | None] = relationship(foreign_keys=settled_by_id)
    file: Mapped[StoredFile | None] = relationship()
    approval: Mapped[Approval | None] = relationship()


class DeliveryStep(Base):
    """What was done for a delivery and what came of it; append-only. `word` is a code, never what Moodle wrote."""

    __tablename__ = "delivery_step"
    __table_args__ = (CheckConstraint(f"kind IN {_among(StepKind)}", name="kind"),)

    id: Mapped[Key]
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery.id"), index=True)
    kind: Mapped[str]
    word: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    by: Mapped[Person | None] = relationship()


class LentKey(Base):
    """The web service key of a student, encrypted, for handing in one paper: a day at most, then it is deleted."""

    __tablename__ = "lent_key"
    __table_args__ = (
        UniqueConstraint("target_id", "person_id"),
        CheckConstraint("expires_at <= created_at + interval '24 hours'", name="a_day_at_most"),
    )

    id: Mapped[Key]
    target_id: Mapped[int] = mapped_column(ForeignKey("delivery_target.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    key_encrypted: Mapped[str]
    accepts_statement: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]


@event.listens_for(Base.metadata, "after_create")
def _guard(_: MetaData, connection: Connection, **options: object) -> None:
    """For schemas made from the models, as tests do; the migration repeats this."""
    if connection.scalar(text("SELECT to_regproc('scans_check_delivery')")) is None:
        connection.exec_driver_sql(GUARDS.replace("%", "%%"))
