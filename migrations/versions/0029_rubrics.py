"""Rubrics of three kinds with descriptions and weights, graded answers as exemplars, and the text of a task."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TEXTS = (
    ("placement", "description", ""),
    ("rubric", "kind", "levels"),
    ("criterion", "description", ""),
    ("criterion", "for_markers", ""),
    ("level", "description", ""),
)


def upgrade() -> None:
    for table, column, default in TEXTS:
        op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=default))
        op.alter_column(table, column, server_default=None)
    op.create_check_constraint(op.f("ck_rubric_kind"), "rubric", "kind IN ('levels', 'guide', 'holistic')")
    op.add_column("criterion", sa.Column("weight", sa.Numeric(precision=9, scale=3), nullable=True))
    op.create_check_constraint(op.f("ck_criterion_weight"), "criterion", "weight > 0")
    op.create_unique_constraint(op.f("uq_criterion_id_rubric_id"), "criterion", ["id", "rubric_id"])
    for table in ("criterion", "level"):
        op.alter_column(table, "points", type_=sa.Numeric(precision=9, scale=3))
        op.add_column(table, sa.Column("moodle_id", sa.BigInteger(), nullable=True))
    _add_exemplars()


def _add_exemplars() -> None:
    op.create_table(
        "exemplar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_exemplar_text")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_exemplar_created_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_exemplar_placement_id_placement")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_exemplar_rubric_id_rubric")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_exemplar_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplar")),
        sa.UniqueConstraint("id", "rubric_id", name=op.f("uq_exemplar_id_rubric_id")),
        sa.UniqueConstraint("placement_id", "submission_id", name=op.f("uq_exemplar_placement_id_submission_id")),
    )
    for column in ("placement_id", "rubric_id", "submission_id"):
        op.create_index(op.f(f"ix_exemplar_{column}"), "exemplar", [column], unique=False)
    op.create_table(
        "exemplar_tick",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("exemplar_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_exemplar_tick_points")),
        sa.ForeignKeyConstraint(
            ["criterion_id", "rubric_id"],
            ["criterion.id", "criterion.rubric_id"],
            name=op.f("fk_exemplar_tick_criterion_id_rubric_id_criterion"),
        ),
        sa.ForeignKeyConstraint(
            ["exemplar_id", "rubric_id"],
            ["exemplar.id", "exemplar.rubric_id"],
            name=op.f("fk_exemplar_tick_exemplar_id_rubric_id_exemplar"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["level_id", "criterion_id"],
            ["level.id", "level.criterion_id"],
            name=op.f("fk_exemplar_tick_level_id_criterion_id_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplar_tick")),
        sa.UniqueConstraint("exemplar_id", "criterion_id", name=op.f("uq_exemplar_tick_exemplar_id_criterion_id")),
    )


def downgrade() -> None:
    op.drop_table("exemplar_tick")
    op.drop_table("exemplar")
    for table, least in (("level", 0), ("criterion", 1)):
        op.drop_column(table, "moodle_id")
        whole = f"greatest(round(points), {least})::bigint"
        op.alter_column(table, "points", type_=sa.BigInteger(), postgresql_using=whole)
    op.drop_constraint(op.f("uq_criterion_id_rubric_id"), "criterion", type_="unique")
    op.drop_column("criterion", "weight")
    for table, column, _default in reversed(TEXTS):
        op.drop_column(table, column)
