"""What the local model last said: Training > Opinion > CriterionOpinion. All of it is replaced when it learns anew.

The model itself is never stored: it is learnt again from the approved grades, and only its predictions are kept.
WorkEmbedding keeps what a model server was asked already, so that no text is sent to the same model twice.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key, guard
from lti_tool.grading.models import Submission


class Training(Base):
    """One activity's model: learnt from `papers` grades of its own and `others` of the course's other activities.

    `embedded` of the texts were compared by meaning too, as `embedding_model` sees them.
    """

    __tablename__ = "opinion_training"
    __table_args__ = (
        CheckConstraint("papers >= 0 AND others >= 0", name="papers"),
        CheckConstraint("embedded >= 0 AND (embedded > 0) = (embedding_model <> '')", name="embedded"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), unique=True)
    papers: Mapped[int]
    others: Mapped[int]
    embedded: Mapped[int] = mapped_column(default=0)
    embedding_model: Mapped[str] = mapped_column(default="")
    trained_at: Mapped[datetime]

    opinions: Mapped[list["Opinion"]] = relationship(passive_deletes="all")


class Opinion(Base):
    """Points expected for one submission, and between which bounds; of a graded one as if it had not been graded."""

    __tablename__ = "opinion"
    __table_args__ = (CheckConstraint("0 <= low AND low <= points AND points <= high", name="bounds"),)

    id: Mapped[Key]
    training_id: Mapped[int] = mapped_column(ForeignKey("opinion_training.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), unique=True)
    words: Mapped[int]
    points: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]

    submission: Mapped[Submission] = relationship()
    criteria: Mapped[list["CriterionOpinion"]] = relationship(lazy="selectin", passive_deletes="all")


class CriterionOpinion(Base):
    """The same for one criterion, with the mark that is likeliest."""

    __tablename__ = "criterion_opinion"
    __table_args__ = (
        UniqueConstraint("opinion_id", "criterion_id"),
        CheckConstraint("0 <= low AND low <= points AND points <= high", name="bounds"),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), index=True)
    points: Mapped[float]
    likely: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


class WorkEmbedding(Base):
    """The vector of a submission's text by one model; `sha256` is of the text that it stands for."""

    __tablename__ = "work_embedding"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),)

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("embedding_model.id"), primary_key=True)
    sha256: Mapped[str]
    embedding: Mapped[Any] = mapped_column(HALFVEC)
    created_at: Mapped[CreatedAt]


FORGET = """
CREATE FUNCTION forget_work_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM work_embedding
    WHERE submission_id = (CASE TG_TABLE_NAME WHEN 'submission' THEN to_jsonb(OLD) ->> 'id'
                           ELSE to_jsonb(OLD) ->> 'submission_id' END)::uuid;
    RETURN NULL;
END $$;

CREATE TRIGGER forget_vector_of_text AFTER UPDATE OF text ON submission
    FOR EACH ROW WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION forget_work_embedding();
CREATE TRIGGER forget_vector_of_file AFTER DELETE OR UPDATE OF file_id ON submission_file
    FOR EACH ROW EXECUTE FUNCTION forget_work_embedding();
"""

guard(FORGET, probe="forget_work_embedding")
