"""Marks on the pages of work, the copies that show them, and marking question by question."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

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
TABLES = ("question_pages", "question_tick", "marked_copy", "kept_page_mark", "page_mark")
FRACTION = sa.Numeric(precision=6, scale=5)
POINTS = sa.Numeric(precision=9, scale=3)
CHECKS = {
    "kind": "kind IN ('tick', 'cross', 'box', 'underline', 'comment')",
    "page": "file_number > 0 AND page > 0",
    "place": "x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1",
    "area": "num_nonnulls(width, height) = CASE WHEN kind IN ('box', 'underline') THEN 2 ELSE 0 END",
    "size": "width > 0 AND height > 0 AND x + width <= 1 AND y + height <= 1",
    "comment": "kind <> 'comment' OR text <> ''",
}


def upgrade() -> None:
    _add_marks()
    _add_kept_marks()
    _add_questions()
    op.execute(GUARDS)


def _on_page(table: str) -> list[Any]:
    return [
        sa.Column("file_number", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("x", FRACTION, nullable=False),
        sa.Column("y", FRACTION, nullable=False),
        sa.Column("width", FRACTION, nullable=True),
        sa.Column("height", FRACTION, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("points", POINTS, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in CHECKS.items()),
    ]


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _add_marks() -> None:
    op.create_table(
        "page_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *_on_page("page_mark"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_page_mark_version")),
        _to("page_mark", "submission_id", "submission"),
        _to("page_mark", "owner_id", "person"),
        _to("page_mark", "marker_id", "person"),
        _to("page_mark", "criterion_id", "criterion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_mark")),
        sa.UniqueConstraint(
            "submission_id", "marker_id", "client_key", name=op.f("uq_page_mark_submission_id_marker_id_client_key")
        ),
    )


def _add_kept_marks() -> None:
    op.create_table(
        "kept_page_mark",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=True),
        *_on_page("kept_page_mark"),
        sa.CheckConstraint("number > 0", name=op.f("ck_kept_page_mark_number")),
        _to("kept_page_mark", "review_id", "review"),
        _to("kept_page_mark", "marker_id", "person"),
        _to("kept_page_mark", "criterion_id", "criterion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_page_mark")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_kept_page_mark_review_id_number")),
    )
    op.create_table(
        "marked_copy",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _to("marked_copy", "review_id", "review"),
        _to("marked_copy", "file_id", "stored_file"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_marked_copy")),
    )
    op.create_index("ix_marked_copy_file_id", "marked_copy", ["file_id"], unique=False)


def _add_questions() -> None:
    op.create_table(
        "question_tick",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=True),
        sa.Column("points", POINTS, nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_question_tick_points")),
        sa.CheckConstraint("version > 0", name=op.f("ck_question_tick_version")),
        sa.CheckConstraint("owner_id = marker_id", name=op.f("ck_question_tick_owner_marks")),
        _to("question_tick", "submission_id", "submission"),
        _to("question_tick", "criterion_id", "criterion"),
        _to("question_tick", "owner_id", "person"),
        _to("question_tick", "marker_id", "person"),
        sa.ForeignKeyConstraint(
            ["level_id", "criterion_id"],
            ["level.id", "level.criterion_id"],
            name=op.f("fk_question_tick_level_id_criterion_id_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_tick")),
        sa.UniqueConstraint(
            *("submission_id", "criterion_id", "owner_id"),
            name=op.f("uq_question_tick_submission_id_criterion_id_owner_id"),
        ),
    )
    shared = sa.text("owner_id IS NULL")
    columns = ["submission_id", "criterion_id"]
    op.create_index("uq_question_tick_shared", "question_tick", columns, unique=True, postgresql_where=shared)
    op.create_table(
        "question_pages",
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("first_page", sa.BigInteger(), nullable=False),
        sa.Column("last_page", sa.BigInteger(), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("first_page > 0 AND last_page >= first_page", name=op.f("ck_question_pages_pages")),
        _to("question_pages", "criterion_id", "criterion"),
        _to("question_pages", "set_by_id", "person"),
        sa.PrimaryKeyConstraint("criterion_id", name=op.f("pk_question_pages")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for function in ("pagemarks_keep_approved", "pagemarks_keep_sealed"):
        op.execute(f"DROP FUNCTION {function}()")
