"""Where a submission that was pulled from Moodle came from."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base


class PulledWork(Base):
    """One state of a submission in Moodle: `changed_at` is Moodle's clock, `attempt` counts from 0 as Moodle does.

    `left_out` says of each file that could not be taken over why: a sentence, and the words that change in it.
    """

    __tablename__ = "pulled_work"
    __table_args__ = (Index("ix_pulled_work_assignment_number", "moodle_assignment_id", "number", "changed_at"),)

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    moodle_assignment_id: Mapped[int] = mapped_column(ForeignKey("moodle_assignment.id"))
    number: Mapped[int]
    attempt: Mapped[int]
    changed_at: Mapped[int]
    group_name: Mapped[str] = mapped_column(default="")
    left_out: Mapped[list[Any]] = mapped_column(default=list)
