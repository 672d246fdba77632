"""Marks on pages: those that markers work with, those that a review was saved with, and the copy that shows them.

    PageMark        in work; `owner_id` is whose alone it is while two people mark without seeing each other
    KeptPageMark    what a review was saved with: never changed, and none is added once the review is approved
    MarkedCopy      the PDF of an approved review, made once

A place is a fraction of the page as it is shown, from its upper left corner. Points are information: ticks decide.
"""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    MetaData,
    Numeric,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.files.models import StoredFile
from lti_tool.grading.models import ShortPoints

Fraction = Numeric(6, 5)


class MarkKind(StrEnum):
    TICK = "tick"
    CROSS = "cross"
    BOX = "box"
    UNDERLINE = "underline"
    COMMENT = "comment"


AREAS = frozenset({MarkKind.BOX, MarkKind.UNDERLINE})
"""What has a width and a height."""


def _checks() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("kind IN ('tick', 'cross', 'box', 'underline', 'comment')", name="kind"),
        CheckConstraint("file_number > 0 AND page > 0", name="page"),
        CheckConstraint("x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1", name="place"),
        CheckConstraint(
            "num_nonnulls(width, height) = CASE WHEN kind IN ('box', 'underline') THEN 2 ELSE 0 END", name="area"
        ),
        CheckConstraint("width > 0 AND height > 0 AND x + width <= 1 AND y + height <= 1", name="size"),
        CheckConstraint("kind <> 'comment' OR text <> ''", name="comment"),
    )


class OnPage:
    """What a mark is, and where."""

    file_number: Mapped[int]
    page: Mapped[int]
    kind: Mapped[str]
    x: Mapped[Decimal] = mapped_column(Fraction)
    y: Mapped[Decimal] = mapped_column(Fraction)
    width: Mapped[Decimal | None] = mapped_column(Fraction)
    height: Mapped[Decimal | None] = mapped_column(Fraction)
    text: Mapped[str] = mapped_column(default="")
    points: Mapped[Decimal | None] = mapped_column(ShortPoints)


class PageMark(OnPage, Base):
    """A mark in work. `client_key` is the form's: sent twice, kept once; `version` counts its changes."""

    __tablename__ = "page_mark"
    __table_args__ = (
        UniqueConstraint("submission_id", "marker_id", "client_key"),
        CheckConstraint("version > 0", name="version"),
        *_checks(),
    )

    id: Mapped[OpaqueKey]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    client_key: Mapped[str]
    criterion_id: Mapped[int | None] = mapped_column(ForeignKey("criterion.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]

    marker: Mapped[Person] = relationship(foreign_keys=marker_id)


class KeptPageMark(OnPage, Base):
    """A mark as a review was saved with it, in the order of the pages."""

    __tablename__ = "kept_page_mark"
    __table_args__ = (
        UniqueConstraint("review_id", "number"),
        CheckConstraint("number > 0", name="number"),
        *_checks(),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    criterion_id: Mapped[int | None] = mapped_column(ForeignKey("criterion.id"))

    marker: Mapped[Person] = relationship()


class MarkedCopy(Base):
    """The PDF of an approved review with its marks drawn on the pages."""

    __tablename__ = "marked_copy"
    __table_args__ = (Index("ix_marked_copy_file_id", "file_id"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship()


GUARDS = """
CREATE FUNCTION pagemarks_keep_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM review JOIN approval ON approval.grade_id = review.grade_id
        AND approval.grade_version = review.grade_version WHERE review.id = NEW.review_id;
    IF FOUND THEN
        RAISE EXCEPTION 'an approved review takes no more marks';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION pagemarks_keep_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM independent_mark WHERE submission_id = NEW.submission_id HAVING count(DISTINCT marker_id) >= 2;
    IF FOUND THEN
        RAISE EXCEPTION 'both marks are in';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER kept_page_mark_is_fixed BEFORE UPDATE ON kept_page_mark
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER kept_page_mark_before_approval BEFORE INSERT ON kept_page_mark
    FOR EACH ROW EXECUTE FUNCTION pagemarks_keep_approved();
CREATE TRIGGER page_mark_is_sealed BEFORE INSERT OR UPDATE ON page_mark
    FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL) EXECUTE FUNCTION pagemarks_keep_sealed();
"""


@event.listens_for(Base.metadata, "after_create")
def _guard(_: MetaData, connection: Connection, **options: object) -> None:
    """For schemas made from the models, as tests do; the migration repeats this."""
    if connection.scalar(text("SELECT to_regproc('pagemarks_keep_sealed')")) is None:
        connection.exec_driver_sql(GUARDS.replace("%", "%%"))
