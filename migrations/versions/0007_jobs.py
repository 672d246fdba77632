"""Install the job queue (procrastinate 3.10), the schedule and the reasons of failed jobs.

The queue's SQL is frozen beside this file: an update of the package brings its own steps as a new migration.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

QUEUE = Path(__file__).with_name("0007_procrastinate_3_10.sql")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(QUEUE.read_text(encoding="utf-8").replace("%", "%%"))
    op.create_table(
        "scheduled_task",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("default_cron", sa.String(), nullable=False),
        sa.Column("own_cron", sa.String(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_wanted_now", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_scheduled_task")),
    )
    op.create_table(
        "job_failure",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("attempt > 0", name=op.f("ck_job_failure_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_failure")),
    )
    op.create_index(op.f("ix_job_failure_job_id"), "job_failure", ["job_id"])


def downgrade() -> None:
    op.drop_table("job_failure")
    op.drop_table("scheduled_task")
    for table in ("periodic_defers", "events", "jobs", "workers"):
        op.execute(f"DROP TABLE procrastinate_{table} CASCADE")
    op.execute(DROP_FUNCTIONS)
    for kind in ("job_to_defer_v1", "job_event_type", "job_status"):
        op.execute(f"DROP TYPE procrastinate_{kind}")


DROP_FUNCTIONS = """
DO $$
DECLARE one regprocedure;
BEGIN
    FOR one IN
        SELECT pg_proc.oid::regprocedure FROM pg_proc
          JOIN pg_namespace ON pg_namespace.oid = pronamespace AND nspname = current_schema()
         WHERE starts_with(proname, 'procrastinate_')
    LOOP
        EXECUTE 'DROP FUNCTION ' || one;
    END LOOP;
END $$
"""
