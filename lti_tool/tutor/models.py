"""Conversations, their turns, and what a turn has sent so far, so that any node can send the rest.

    todo ──► doing ──► succeeded
     │         ├─────► failed ──► todo     (try again)
     │         └─────► cancelled           (the person stopped it)
     └──► failed                           (its node died: the lease ran out)

One conversation a person and course is active, and one of its turns is open at a time: the table refuses a second.
A turn belongs to the node that leased it; a node whose lease ran out can no longer write to it.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, exists, text
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from lti_tool.accounts.models import Course
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey


class TurnState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({TurnState.TODO, TurnState.DOING})


class Outcome(StrEnum):
    """What a turn came to: a grounded answer, the passages themselves, or that the course does not say."""

    ANSWER = "answer"
    QUOTATION = "quotation"
    REFUSAL = "refusal"


class FrameKind(StrEnum):
    """What a frame tells the browser; a delta is not stored, because the turn's text holds it."""

    ACCEPTED = "accepted"
    DELTA = "delta"
    BLOCK = "block"
    CITATIONS = "citations"
    DONE = "done"
    ERROR = "error"
    SUGGESTIONS = "suggestions"


class Conversation(Base):
    """A thread of one person in one course; `summary` holds its answered turns up to `summarised_until` (R16)."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index(
            "uq_conversation_active",
            "course_id",
            "person_id",
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"))
    archived_at: Mapped[datetime | None]
    summary: Mapped[str] = mapped_column(default="")
    summarised_until: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]

    course: Mapped[Course] = relationship()
    turns: Mapped[list["Turn"]] = relationship(
        back_populates="conversation", order_by="Turn.position", passive_deletes="all"
    )


class Turn(Base):
    """A question and what became of it. `client_key` is the browser's own: sent twice, it is stored once.

    `course_module` is Moodle's number of the page that the person had open, as the browser says: it proves nothing.
    A turn that `replaces` another asks it again, in other words or the same: the earlier one stays, replaced once.
    """

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        UniqueConstraint("conversation_id", "client_key"),
        CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled')", name="state"),
        CheckConstraint("outcome IN ('answer', 'quotation', 'refusal')", name="outcome"),
        CheckConstraint("(state = 'succeeded') = (outcome IS NOT NULL)", name="succeeded_has_outcome"),
        CheckConstraint("(state = 'failed') = (error_code IS NOT NULL)", name="failed_has_error_code"),
        CheckConstraint("(state IN ('todo', 'doing')) = (lease_until IS NOT NULL)", name="open_has_lease"),
        CheckConstraint("state <> 'doing' OR node IS NOT NULL", name="doing_has_node"),
        CheckConstraint("rating IN (-1, 0, 1)", name="rating"),
        CheckConstraint("rating = -1 OR rating_comment = ''", name="comment_explains_a_bad_rating"),
        Index("uq_turn_open", "conversation_id", unique=True, postgresql_where=text("state IN ('todo', 'doing')")),
        Index("ix_turn_lease_until", "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
    )

    id: Mapped[OpaqueKey]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    position: Mapped[int]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="SET NULL"), unique=True)
    client_key: Mapped[str]
    question: Mapped[str]
    course_module: Mapped[int | None]
    state: Mapped[str] = mapped_column(default=TurnState.TODO)
    outcome: Mapped[str | None]
    answer_markdown: Mapped[str] = mapped_column(default="")
    last_frame: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    is_stopping: Mapped[bool] = mapped_column(default=False)
    is_hint_first: Mapped[bool] = mapped_column(default=False)
    node: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    model: Mapped[str | None]
    prompt_version: Mapped[str | None]
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    rating: Mapped[int] = mapped_column(default=0)
    rating_comment: Mapped[str] = mapped_column(default="")
    suggestions: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship(back_populates="turns")
    citations: Mapped[list["TurnCitation"]] = relationship(order_by="TurnCitation.number", passive_deletes="all")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_quoting(self) -> bool:
        """Whether the passages are the answer: without a model, or where the model failed."""
        return self.outcome == Outcome.QUOTATION or (self.state == TurnState.FAILED and bool(self.citations))


@cache
def was_replaced() -> ColumnElement[bool]:
    """A condition on turns: somebody asked it again, so what follows in the conversation does not rest on it."""
    later = aliased(Turn)
    return exists().where(later.replaces_id == Turn.id)


class TurnCitation(Base):
    """A passage shown under an answer, as it read then: the material may have changed or gone since.

    `course_url` is the page of the platform that it comes from, if it comes from one.
    One that is not `is_supported` was named by the model, but does not say what the answer says: it is kept to be seen.
    """

    __tablename__ = "turn_citation"
    __table_args__ = (UniqueConstraint("turn_id", "number"),)

    id: Mapped[Key]
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"))
    number: Mapped[int]
    chunk_id: Mapped[int]
    title: Mapped[str]
    locator: Mapped[str]
    quotation: Mapped[str]
    course_url: Mapped[str] = mapped_column(default="")
    is_supported: Mapped[bool] = mapped_column(default=True)


class TurnFrame(Base):
    """A frame that was sent to the browser and is not a delta."""

    __tablename__ = "turn_frame"
    __table_args__ = (
        CheckConstraint("kind IN ('accepted', 'block', 'citations', 'done', 'error', 'suggestions')", name="kind"),
    )

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AssessedWork(Base):
    """A teacher's word on whether a placement or a source is assessed work, where the tutor only gives hints."""

    __tablename__ = "assessed_work"
    __table_args__ = (CheckConstraint("num_nonnulls(placement_id, source_id) = 1", name="one_thing"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), unique=True)
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), unique=True)
    is_assessed: Mapped[bool]


class QuestionAsked(Base):
    """When somebody asked, and nothing else: it outlives the conversation, so that deleting one resets no limit."""

    __tablename__ = "question_asked"
    __table_args__ = (Index("ix_question_asked_person_id_asked_at", "person_id", "asked_at"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]


class NoticeAcceptance(Base):
    """Who accepted which version of the privacy notice (R22, R156, R189)."""

    __tablename__ = "notice_acceptance"
    __table_args__ = (UniqueConstraint("person_id", "text_version"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text_version: Mapped[str]
    accepted_at: Mapped[datetime]
