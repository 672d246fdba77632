"""What was measured for each embedding model."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base


class SimilarityFloor(Base):
    """The least cosine that no passage reached which does not answer the question.

    `told_apart` is the share of both kinds on the right side of the floor.
    """

    __tablename__ = "similarity_floor"
    __table_args__ = (
        CheckConstraint("floor BETWEEN -1 AND 1", name="floor"),
        CheckConstraint("told_apart BETWEEN 0 AND 1", name="told_apart"),
        CheckConstraint("questions > 0", name="questions"),
    )

    model_id: Mapped[int] = mapped_column(ForeignKey("embedding_model.id"), primary_key=True)
    floor: Mapped[float]
    told_apart: Mapped[float]
    questions: Mapped[int]
    measured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
