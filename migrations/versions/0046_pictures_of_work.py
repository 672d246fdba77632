"""Evidence that was read from a picture of a page, and the flag of proposals that hold some."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

FLAGS = '"steered", "suspicious", "concealed", "quotes_struck", "cut", "unread_files"'
PLACE = "(begins IS NULL) = (ends IS NULL) AND {file} AND 0 <= begins AND begins < ends"


def upgrade() -> None:
    _replace(f'{FLAGS}, "pictures"', "(begins IS NULL OR file IS NOT NULL)")


def downgrade() -> None:
    op.execute("ALTER TABLE proposal DISABLE TRIGGER proposal_is_fixed")
    op.execute("ALTER TABLE proposed_evidence DISABLE TRIGGER proposed_evidence_is_fixed")
    op.execute("UPDATE proposal SET flags = flags - 'pictures'")
    op.execute("UPDATE proposed_evidence SET file = NULL, page = NULL WHERE begins IS NULL")
    op.execute("ALTER TABLE proposed_evidence ENABLE TRIGGER proposed_evidence_is_fixed")
    op.execute("ALTER TABLE proposal ENABLE TRIGGER proposal_is_fixed")
    _replace(FLAGS, "(begins IS NULL) = (file IS NULL)")


def _replace(flags: str, file: str) -> None:
    op.drop_constraint(op.f("ck_proposal_flags"), "proposal")
    op.create_check_constraint(op.f("ck_proposal_flags"), "proposal", f"flags <@ '[{flags}]'::jsonb")
    op.drop_constraint(op.f("ck_proposed_evidence_place"), "proposed_evidence")
    op.create_check_constraint(op.f("ck_proposed_evidence_place"), "proposed_evidence", PLACE.format(file=file))
