"""E-mails on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name=op.f("ck_letter_state")),
        sa.CheckConstraint("(state = 'doing') = (leased_until IS NOT NULL)", name=op.f("ck_letter_lease")),
        sa.CheckConstraint("(state = 'succeeded') = (sent_at IS NOT NULL)", name=op.f("ck_letter_sent")),
        sa.CheckConstraint("state IN ('todo', 'doing') OR body = ''", name=op.f("ck_letter_forgotten")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_letter_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_letter_person_id_key")),
    )
    op.create_index(op.f("ix_letter_course_id"), "letter", ["course_id"])
    due = sa.text("state IN ('todo', 'doing')")
    op.create_index("ix_letter_due", "letter", ["next_try_at"], postgresql_where=due)


def downgrade() -> None:
    op.drop_table("letter")
