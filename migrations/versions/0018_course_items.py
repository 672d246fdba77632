"""Let sources come by several ways: their origin, place in the course, and whether they are hidden or wanted."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ORIGINS = "'upload', 'pasted', 'moodle', 'backup', 'cartridge'"
KINDS = (
    "'file', 'text', 'section', 'page', 'book', 'label', 'assignment', 'quiz', 'forum', 'glossary', 'wiki', 'lesson', "
    "'link', 'folder', 'other'"
)
COLUMNS = (
    ("origin", sa.String(), sa.text("'upload'")),
    ("key", sa.String(), sa.text("''")),
    ("kind", sa.String(), sa.text("'file'")),
    ("section", sa.String(), sa.text("''")),
    ("is_hidden", sa.Boolean(), sa.false()),
    ("is_restricted", sa.Boolean(), sa.false()),
    ("fingerprint", sa.String(), sa.text("''")),
)


def upgrade() -> None:
    for name, kind, before in COLUMNS:
        op.add_column("source", sa.Column(name, kind, nullable=False, server_default=before))
        op.alter_column("source", name, server_default=None)
    op.add_column("source", sa.Column("url", sa.String(), nullable=True))
    op.add_column("source", sa.Column("is_wanted", sa.Boolean(), nullable=True))
    op.execute("UPDATE source SET key = title")
    op.drop_constraint(op.f("uq_source_course_id_title"), "source")
    op.create_unique_constraint(op.f("uq_source_course_id_origin_key"), "source", ["course_id", "origin", "key"])
    op.create_check_constraint(op.f("ck_source_origin"), "source", f"origin IN ({ORIGINS})")
    op.create_check_constraint(op.f("ck_source_kind"), "source", f"kind IN ({KINDS})")
    op.alter_column("source", "file_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_source_file"), "source", "file_id IS NOT NULL OR state IN ('failed', 'left_out')"
    )
    _allow_states("'todo', 'doing', 'succeeded', 'failed', 'left_out'")


def downgrade() -> None:
    op.execute("DELETE FROM source WHERE origin <> 'upload' OR file_id IS NULL")
    op.execute("UPDATE source SET state = 'todo' WHERE state = 'left_out'")
    _allow_states("'todo', 'doing', 'succeeded', 'failed'")
    for name in ("file", "kind", "origin"):
        op.drop_constraint(op.f(f"ck_source_{name}"), "source")
    op.alter_column("source", "file_id", nullable=False)
    op.drop_constraint(op.f("uq_source_course_id_origin_key"), "source")
    op.create_unique_constraint(op.f("uq_source_course_id_title"), "source", ["course_id", "title"])
    for name in ("is_wanted", "url", *(name for name, _, _ in reversed(COLUMNS))):
        op.drop_column("source", name)


def _allow_states(states: str) -> None:
    op.drop_constraint(op.f("ck_source_state"), "source")
    op.create_check_constraint(op.f("ck_source_state"), "source", f"state IN ({states})")
