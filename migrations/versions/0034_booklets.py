"""Register numbers that teachers gave, print runs, and the booklets of each."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_roster()
    _create_runs()
    _create_booklets()


def _create_roster() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("register_number", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(register_number) <> ''", name=op.f("ck_roster_entry_register_number")),
        sa.CheckConstraint("source IN ('csv', 'person')", name=op.f("ck_roster_entry_source")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_roster_entry_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_entry_person_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_roster_entry_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_roster_entry_course_id_person_id")),
    )
    op.create_index(op.f("ix_roster_entry_person_id"), "roster_entry", ["person_id"], unique=False)
    op.create_index(
        "ix_roster_entry_course_id_register_number", "roster_entry", ["course_id", "register_number"], unique=False
    )


def _create_runs() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("digits", sa.BigInteger(), nullable=False),
        sa.Column("has_names", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('failed', 'queued', 'ready')", name=op.f("ck_print_run_state")),
        sa.CheckConstraint("(state = 'ready') = (file_id IS NOT NULL)", name=op.f("ck_print_run_ready_has_file")),
        sa.CheckConstraint("digits BETWEEN 0 AND 16", name=op.f("ck_print_run_digits")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_print_run_placement_id_placement")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_print_run_file_id_stored_file")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_print_run_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_index(op.f("ix_print_run_placement_id"), "print_run", ["placement_id"], unique=False)


def _create_booklets() -> None:
    op.create_table(
        "booklet",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("serial ~ '^[A-Z2-7]{7}$'", name=op.f("ck_booklet_serial")),
        sa.CheckConstraint("kind IN ('booklet', 'continuation', 'label', 'spare')", name=op.f("ck_booklet_kind")),
        sa.CheckConstraint("pages BETWEEN 1 AND 99", name=op.f("ck_booklet_pages")),
        sa.CheckConstraint("position > 0", name=op.f("ck_booklet_position")),
        sa.CheckConstraint("person_id IS NULL OR kind IN ('booklet', 'label')", name=op.f("ck_booklet_prenamed")),
        sa.ForeignKeyConstraint(["run_id"], ["print_run.id"], name=op.f("fk_booklet_run_id_print_run")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_booklet_placement_id_placement")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booklet_person_id_person")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_booklet")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_booklet_run_id_position")),
    )
    op.create_index(op.f("ix_booklet_placement_id"), "booklet", ["placement_id"], unique=False)
    op.create_index(op.f("ix_booklet_person_id"), "booklet", ["person_id"], unique=False)


def downgrade() -> None:
    for name in ("booklet", "print_run", "roster_entry"):
        op.drop_table(name)
