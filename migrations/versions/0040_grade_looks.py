"""Who had which version of a grade before them: many are approved or released at once only of these."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KNOWN = """
INSERT INTO grade_look (grade_id, grade_version, person_id, seen_at)
SELECT grade.id, grade.version, look.person_id, greatest(look.opened_at, review.created_at)
FROM grade
JOIN review ON review.grade_id = grade.id AND review.grade_version = grade.version
JOIN look ON look.submission_id = review.submission_id
    AND (look.opened_at >= review.created_at OR look.person_id = review.marker_id)
ON CONFLICT DO NOTHING;

INSERT INTO grade_look (grade_id, grade_version, person_id, seen_at)
SELECT grade.id, grade.version, grade.recorded_by_id, grade.recorded_at
FROM grade
WHERE NOT EXISTS (SELECT FROM review WHERE review.grade_id = grade.id)
ON CONFLICT DO NOTHING;
"""
"""What was opened since it was marked, and what somebody typed without any work to open."""


def upgrade() -> None:
    op.create_table(
        "grade_look",
        sa.Column("grade_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_version", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["grade_id"], ["grade.id"], name=op.f("fk_grade_look_grade_id_grade"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grade_look_person_id_person")),
        sa.PrimaryKeyConstraint("grade_id", "grade_version", "person_id", name=op.f("pk_grade_look")),
    )
    op.create_index(op.f("ix_grade_look_person_id"), "grade_look", ["person_id"], unique=False)
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_table("grade_look")
