"""What the door remembers: each call with its tokens and cost, never its text; and the breaker all nodes share.

closed ──(failures in a row)──► open ──(pause over, one probe)──► half_open ──► closed | open
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, CreatedAt, Key


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class LlmCall(Base):
    """One call: who paid for what. Costs are millionths of the currency of the price settings."""

    __tablename__ = "llm_call"
    __table_args__ = (
        CheckConstraint("outcome IN ('succeeded', 'failed', 'cancelled')", name="outcome"),
        CheckConstraint("(outcome = 'failed') = (error_code IS NOT NULL)", name="error_code"),
        CheckConstraint("prompt_tokens >= 0 AND completion_tokens >= 0 AND cost_micros >= 0", name="counts"),
        # A course's cost of the month is read from the index alone, before each call.
        Index("ix_llm_call_course_id_created_at", "course_id", "created_at", postgresql_include=["cost_micros"]),
    )

    id: Mapped[Key]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="SET NULL"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    feature: Mapped[str]
    purpose: Mapped[str]
    model: Mapped[str]
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    is_estimated: Mapped[bool] = mapped_column(default=False)
    cost_micros: Mapped[int] = mapped_column(default=0)
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int]
    outcome: Mapped[str]
    error_code: Mapped[str | None]
    created_at: Mapped[CreatedAt] = mapped_column(index=True)


class CircuitBreaker(Base):
    """The breaker of one model server and kind of call."""

    __tablename__ = "circuit_breaker"
    __table_args__ = (
        CheckConstraint("state IN ('closed', 'open', 'half_open')", name="state"),
        CheckConstraint("(state = 'closed') = (opened_at IS NULL)", name="opened_at"),
        CheckConstraint("(state = 'half_open') = (probed_at IS NOT NULL)", name="probed_at"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=BreakerState.CLOSED)
    failures: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    probed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
