"""What a model suggests, and the runs in which drafts are asked for (house-style.md, naming table; R53-R58, R193).

    Proposal: offered -> outdated        beside (the work as it stands, where what is offered was made without a part)
    DraftRun: todo <-> doing -> succeeded | failed | cancelled      DraftItem: todo -> succeeded | failed | cancelled

Proposal > ProposedTick > ProposedEvidence are written once and whole. The tables refuse ticks outside of the rubric and
any change but growing outdated; nothing of the gradebook refers to them: only a person's review becomes a grade.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key, OpaqueKey, guard
from lti_tool.gradebook.models import Points
from lti_tool.grading.models import Criterion, Level, Rubric, Submission
from lti_tool.grading.proposals.guards import GUARDS


class Purpose(StrEnum):
    DRAFT = "draft"
    SAMPLE = "sample"


class ReadAs(StrEnum):
    """The work as it stands, or without what tries to instruct the model or is hidden from its readers."""

    WHOLE = "whole"
    CLEANED = "cleaned"


class ProposalState(StrEnum):
    OFFERED = "offered"
    BESIDE = "beside"
    OUTDATED = "outdated"


class Flag(StrEnum):
    """Why a person should look twice."""

    STEERED = "steered"
    SUSPICIOUS = "suspicious"
    CONCEALED = "concealed"
    QUOTES_STRUCK = "quotes_struck"
    CUT = "cut"
    UNREAD_FILES = "unread_files"
    PICTURES = "pictures"


class RunWay(StrEnum):
    AT_ONCE = "at_once"
    OVERNIGHT = "overnight"
    PROVIDER = "provider"


class RunState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    TODO = "todo"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Proposal(Base):
    """One answer of a model about one submission, with everything it was made from."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("purpose IN ('draft', 'sample')", name="purpose"),
        CheckConstraint("read_as IN ('whole', 'cleaned')", name="read_as"),
        CheckConstraint("state IN ('offered', 'beside', 'outdated')", name="state"),
        CheckConstraint("(read_as = 'cleaned') = (whole_id IS NOT NULL)", name="cleaned_has_whole"),
        CheckConstraint("state <> 'beside' OR read_as = 'whole'", name="beside_is_whole"),
        CheckConstraint("input_hash ~ '^[0-9a-f]{64}$'", name="input_hash"),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND cost_micros >= 0", name="counts"),
        CheckConstraint(
            "flags <@ "
            """'["steered", "suspicious", "concealed", "quotes_struck", "cut", "unread_files", "pictures"]'::jsonb""",
            name="flags",
        ),
        Index("uq_proposal_offered", "submission_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index(
            "uq_proposal_input",
            "submission_id",
            "input_hash",
            unique=True,
            postgresql_where=text("state <> 'outdated'"),
        ),
    )

    id: Mapped[OpaqueKey]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubric.id"), index=True)
    purpose: Mapped[str]
    read_as: Mapped[str] = mapped_column(default=ReadAs.WHOLE)
    whole_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default=ProposalState.OFFERED)
    feedback: Mapped[str]
    flags: Mapped[list[str]] = mapped_column(default=list)
    suspicious: Mapped[list[Any]] = mapped_column(default=list)
    """Where in the readable work, and what for: {begins, ends, trick, file, page, line}."""
    model: Mapped[str]
    prompt_version: Mapped[str]
    input_hash: Mapped[str]
    sent: Mapped[list[Any]] = mapped_column(deferred=True)
    """The messages as they left the house, for "as the model saw it"."""
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    is_estimated: Mapped[bool] = mapped_column(default=False)
    cost_micros: Mapped[int]
    created_at: Mapped[CreatedAt]

    submission: Mapped[Submission] = relationship()
    rubric: Mapped[Rubric] = relationship()
    whole: Mapped["Proposal | None"] = relationship(remote_side="Proposal.id")
    ticks: Mapped[list["ProposedTick"]] = relationship(
        order_by="ProposedTick.id", lazy="selectin", passive_deletes="all"
    )

    @property
    def points(self) -> Decimal:
        return sum((tick.points for tick in self.ticks), Decimal(0))


class ProposedTick(Base):
    """The suggestion on one criterion. `confidence` is what is left of `confidence_said` after the quotes' check."""

    __tablename__ = "proposed_tick"
    __table_args__ = (
        UniqueConstraint("proposal_id", "criterion_id"),
        ForeignKeyConstraint(["level_id", "criterion_id"], ["level.id", "level.criterion_id"]),
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint(
            "confidence >= 0 AND confidence <= confidence_said AND confidence_said <= 1", name="confidence"
        ),
    )

    id: Mapped[Key]
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True)
    level_id: Mapped[int | None]
    points: Mapped[Decimal] = mapped_column(Points)
    reasons: Mapped[str]
    confidence_said: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    confidence: Mapped[Decimal] = mapped_column(Numeric(4, 3))

    criterion: Mapped[Criterion] = relationship()
    level: Mapped[Level | None] = relationship(
        foreign_keys="ProposedTick.level_id", primaryjoin="ProposedTick.level_id == Level.id"
    )
    evidence: Mapped[list["ProposedEvidence"]] = relationship(
        order_by="ProposedEvidence.number", lazy="selectin", passive_deletes="all"
    )


class ProposedEvidence(Base):
    """A quotation and where it begins and ends in the readable work.

    Without that, but with a file, it was read from a picture of it; without either it does not stand there.
    """

    __tablename__ = "proposed_evidence"
    __table_args__ = (
        UniqueConstraint("tick_id", "number"),
        CheckConstraint(
            "(begins IS NULL) = (ends IS NULL) AND (begins IS NULL OR file IS NOT NULL)"
            " AND 0 <= begins AND begins < ends",
            name="place",
        ),
    )

    id: Mapped[Key]
    tick_id: Mapped[int] = mapped_column(ForeignKey("proposed_tick.id", ondelete="CASCADE"))
    number: Mapped[int]
    quote: Mapped[str]
    begins: Mapped[int | None]
    ends: Mapped[int | None]
    file: Mapped[int | None]
    page: Mapped[int | None]
    line: Mapped[int | None]

    @property
    def is_struck(self) -> bool:
        return self.file is None

    @property
    def is_unchecked(self) -> bool:
        return self.begins is None and self.file is not None


class DraftRun(Base):
    """Drafts asked for at one time. `tries` counts how often the model server was away in a row.

    `asked_of` names the model and the version of the prompt that a run of the sample was to be made with.
    """

    __tablename__ = "draft_run"
    __table_args__ = (
        CheckConstraint("purpose IN ('draft', 'sample')", name="purpose"),
        CheckConstraint("way IN ('at_once', 'overnight', 'provider')", name="way"),
        CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled')", name="state"),
        CheckConstraint(
            "(state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="finished_at"
        ),
        CheckConstraint("state <> 'failed' OR error_code IS NOT NULL", name="error_code"),
        CheckConstraint("tries >= 0", name="tries"),
        Index("uq_draft_run_open", "placement_id", unique=True, postgresql_where=text("state IN ('todo', 'doing')")),
        Index("ix_draft_run_placement_id_created_at", "placement_id", "created_at"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_of: Mapped[str] = mapped_column(default="", server_default="")
    purpose: Mapped[str]
    way: Mapped[str]
    state: Mapped[str] = mapped_column(default=RunState.TODO)
    begins_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    provider_batch: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    items: Mapped[list["DraftItem"]] = relationship(order_by="DraftItem.number", passive_deletes="all")


class DraftItem(Base):
    """One submission of a run. `prepared` holds its requests while the provider's batch has them."""

    __tablename__ = "draft_item"
    __table_args__ = (
        UniqueConstraint("run_id", "number"),
        UniqueConstraint("run_id", "submission_id"),
        CheckConstraint("state IN ('todo', 'succeeded', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(state = 'failed') = (error_code IS NOT NULL)", name="error_code"),
    )

    id: Mapped[Key]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("draft_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default=ItemState.TODO)
    error_code: Mapped[str | None]
    prepared: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    submission: Mapped[Submission] = relationship()


guard(GUARDS, probe="proposal_keep_range")
