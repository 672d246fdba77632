"""What is otherwise never changed may be emptied while a person is erased, or the scans of an exam are deleted."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

MAY_BE_ERASED = """
CREATE OR REPLACE FUNCTION grading_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
END $$;

CREATE OR REPLACE FUNCTION grading_keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'submitted' OR NEW.state <> 'withdrawn' OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION grading_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    PERFORM 1 FROM submission WHERE state <> 'draft'
        AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.submission_id END,
                   CASE WHEN TG_OP <> 'DELETE' THEN NEW.submission_id END);
    IF FOUND THEN
        RAISE EXCEPTION 'the files of a submitted submission never change';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION proposal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
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

CREATE OR REPLACE FUNCTION gradebook_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""

NEVER_CHANGED = """
CREATE OR REPLACE FUNCTION grading_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
END $$;

CREATE OR REPLACE FUNCTION grading_keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'submitted' OR NEW.state <> 'withdrawn' OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION grading_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM submission WHERE state <> 'draft'
        AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.submission_id END,
                   CASE WHEN TG_OP <> 'DELETE' THEN NEW.submission_id END);
    IF FOUND THEN
        RAISE EXCEPTION 'the files of a submitted submission never change';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION proposal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION gradebook_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""


def upgrade() -> None:
    op.execute(MAY_BE_ERASED)


def downgrade() -> None:
    op.execute(NEVER_CHANGED)
