"""What a model proposes for a submission, with its evidence, and the runs in which drafts are asked for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

GUARDS = """
CREATE FUNCTION proposal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'proposal' THEN
        IF NEW.state = 'outdated' THEN
            OLD.state := 'outdated';
            IF NEW IS NOT DISTINCT FROM OLD THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'what a model proposed is never changed';
END $$;

CREATE FUNCTION proposal_keep_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM proposal JOIN criterion ON criterion.rubric_id = proposal.rubric_id
        LEFT JOIN level ON level.id = NEW.level_id
        WHERE proposal.id = NEW.proposal_id AND criterion.id = NEW.criterion_id
            AND NEW.points <= criterion.points AND (level.id IS NULL OR NEW.points = level.points);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a proposed tick must fit the rubric';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proposal_is_fixed BEFORE UPDATE ON proposal
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
CREATE TRIGGER proposed_tick_is_fixed BEFORE UPDATE ON proposed_tick
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
CREATE TRIGGER proposed_tick_in_range BEFORE INSERT ON proposed_tick
    FOR EACH ROW EXECUTE FUNCTION proposal_keep_range();
CREATE TRIGGER proposed_evidence_is_fixed BEFORE UPDATE ON proposed_evidence
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
"""
FLAGS = """flags <@ '["steered", "suspicious", "concealed", "quotes_struck", "cut", "unread_files"]'::jsonb"""
PLACE = "(begins IS NULL) = (ends IS NULL) AND (begins IS NULL) = (file IS NULL) AND 0 <= begins AND begins < ends"


def upgrade() -> None:
    _add_proposals()
    _add_ticks()
    _add_runs()
    op.execute(GUARDS)


def _add_proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("read_as", sa.String(), nullable=False),
        sa.Column("whole_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("feedback", sa.String(), nullable=False),
        sa.Column("flags", postgresql.JSONB(), nullable=False),
        sa.Column("suspicious", postgresql.JSONB(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("sent", postgresql.JSONB(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("purpose IN ('draft', 'sample')", name=op.f("ck_proposal_purpose")),
        sa.CheckConstraint("read_as IN ('whole', 'cleaned')", name=op.f("ck_proposal_read_as")),
        sa.CheckConstraint("state IN ('offered', 'beside', 'outdated')", name=op.f("ck_proposal_state")),
        sa.CheckConstraint(
            "(read_as = 'cleaned') = (whole_id IS NOT NULL)", name=op.f("ck_proposal_cleaned_has_whole")
        ),
        sa.CheckConstraint("state <> 'beside' OR read_as = 'whole'", name=op.f("ck_proposal_beside_is_whole")),
        sa.CheckConstraint("input_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_proposal_input_hash")),
        sa.CheckConstraint(
            "prompt_tokens >= 0 AND completion_tokens >= 0 AND cost_micros >= 0", name=op.f("ck_proposal_counts")
        ),
        sa.CheckConstraint(FLAGS, name=op.f("ck_proposal_flags")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_proposal_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_proposal_rubric_id_rubric")),
        sa.ForeignKeyConstraint(
            ["whole_id"], ["proposal.id"], name=op.f("fk_proposal_whole_id_proposal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_rubric_id"), "proposal", ["rubric_id"])
    op.create_index(op.f("ix_proposal_whole_id"), "proposal", ["whole_id"])
    op.create_index(
        "uq_proposal_offered",
        "proposal",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "uq_proposal_input",
        "proposal",
        ["submission_id", "input_hash"],
        unique=True,
        postgresql_where=sa.text("state <> 'outdated'"),
    )


def _add_ticks() -> None:
    op.create_table(
        "proposed_tick",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("confidence_said", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_proposed_tick_points")),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= confidence_said AND confidence_said <= 1",
            name=op.f("ck_proposed_tick_confidence"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposed_tick_proposal_id_proposal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_proposed_tick_criterion_id_criterion")
        ),
        sa.ForeignKeyConstraint(
            ["level_id", "criterion_id"],
            ["level.id", "level.criterion_id"],
            name=op.f("fk_proposed_tick_level_id_criterion_id_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_tick")),
        sa.UniqueConstraint("proposal_id", "criterion_id", name=op.f("uq_proposed_tick_proposal_id_criterion_id")),
    )
    op.create_index(op.f("ix_proposed_tick_criterion_id"), "proposed_tick", ["criterion_id"])
    op.create_table(
        "proposed_evidence",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("tick_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("begins", "ends", "file", "page", "line")),
        sa.CheckConstraint(PLACE, name=op.f("ck_proposed_evidence_place")),
        sa.ForeignKeyConstraint(
            ["tick_id"],
            ["proposed_tick.id"],
            name=op.f("fk_proposed_evidence_tick_id_proposed_tick"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_evidence")),
        sa.UniqueConstraint("tick_id", "number", name=op.f("uq_proposed_evidence_tick_id_number")),
    )


def _add_runs() -> None:
    op.create_table(
        "draft_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("provider_batch", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("purpose IN ('draft', 'sample')", name=op.f("ck_draft_run_purpose")),
        sa.CheckConstraint("way IN ('at_once', 'overnight', 'provider')", name=op.f("ck_draft_run_way")),
        sa.CheckConstraint(
            "state IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_draft_run_state")
        ),
        sa.CheckConstraint(
            "(state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_draft_run_finished_at"),
        ),
        sa.CheckConstraint("state <> 'failed' OR error_code IS NOT NULL", name=op.f("ck_draft_run_error_code")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_draft_run_tries")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_draft_run_placement_id_placement")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_draft_run_asked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_run")),
    )
    op.create_index(
        "uq_draft_run_open",
        "draft_run",
        ["placement_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('todo', 'doing')"),
    )
    op.create_index("ix_draft_run_placement_id_created_at", "draft_run", ["placement_id", "created_at"])
    op.create_table(
        "draft_item",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("prepared", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("state IN ('todo', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_draft_item_state")),
        sa.CheckConstraint("(state = 'failed') = (error_code IS NOT NULL)", name=op.f("ck_draft_item_error_code")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["draft_run.id"], name=op.f("fk_draft_item_run_id_draft_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_draft_item_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_item")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_draft_item_run_id_number")),
        sa.UniqueConstraint("run_id", "submission_id", name=op.f("uq_draft_item_run_id_submission_id")),
    )
    op.create_index(op.f("ix_draft_item_submission_id"), "draft_item", ["submission_id"])


def downgrade() -> None:
    for table in ("draft_item", "draft_run", "proposed_evidence", "proposed_tick", "proposal"):
        op.drop_table(table)
    op.execute("DROP FUNCTION proposal_keep_range()")
    op.execute("DROP FUNCTION proposal_refuse_change()")
