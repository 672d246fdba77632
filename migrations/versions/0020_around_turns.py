"""What people do around an answer: rate it, follow it up, ask it again while the earlier version is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COLUMNS = (
    ("rating", sa.BigInteger(), sa.text("0")),
    ("rating_comment", sa.String(), sa.text("''")),
    ("suggestions", postgresql.JSONB(), sa.text("'[]'")),
)
OLD_KINDS = "'accepted', 'block', 'citations', 'done', 'error'"


def upgrade() -> None:
    for name, kind, before in COLUMNS:
        op.add_column("turn", sa.Column(name, kind, nullable=False, server_default=before))
        op.alter_column("turn", name, server_default=None)
    op.add_column("turn", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_turn_replaces_id_turn"), "turn", "turn", ["replaces_id"], ["id"], ondelete="SET NULL"
    )
    op.create_unique_constraint(op.f("uq_turn_replaces_id"), "turn", ["replaces_id"])
    op.create_check_constraint(op.f("ck_turn_rating"), "turn", "rating IN (-1, 0, 1)")
    op.create_check_constraint(
        op.f("ck_turn_comment_explains_a_bad_rating"), "turn", "rating = -1 OR rating_comment = ''"
    )
    _allow_kinds(f"{OLD_KINDS}, 'suggestions'")


def downgrade() -> None:
    op.execute("DELETE FROM turn_frame WHERE kind = 'suggestions'")
    _allow_kinds(OLD_KINDS)
    op.drop_constraint(op.f("ck_turn_comment_explains_a_bad_rating"), "turn")
    op.drop_constraint(op.f("ck_turn_rating"), "turn")
    op.drop_column("turn", "replaces_id")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("turn", name)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_turn_frame_kind"), "turn_frame")
    op.create_check_constraint(op.f("ck_turn_frame_kind"), "turn_frame", f"kind IN ({kinds})")
