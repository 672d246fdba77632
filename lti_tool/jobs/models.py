"""Our own rows beside the queue's tables: the schedule, and why jobs failed. The queue's schema is procrastinate's."""

from datetime import datetime
from importlib import resources

from sqlalchemy import BigInteger, CheckConstraint, Connection, DateTime, MetaData, event, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, Key


class ScheduledTask(Base):
    """When a task runs by itself (R215): as the code says, or as an administrator said instead."""

    __tablename__ = "scheduled_task"

    task: Mapped[str] = mapped_column(primary_key=True)
    default_cron: Mapped[str]
    own_cron: Mapped[str | None]
    is_enabled: Mapped[bool] = mapped_column(server_default=true())
    is_wanted_now: Mapped[bool] = mapped_column(server_default=false())
    next_run_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_queued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def cron(self) -> str:
        return self.own_cron or self.default_cron


class JobFailure(Base):
    """One failed try of a job: the reason that the queue itself does not keep."""

    __tablename__ = "job_failure"
    __table_args__ = (CheckConstraint("attempt > 0", name="attempt"),)

    id: Mapped[Key]
    job_id: Mapped[int] = mapped_column(BigInteger, index=True)
    attempt: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str]


@event.listens_for(Base.metadata, "after_create")
def _create_queue(_: MetaData, connection: Connection, **options: object) -> None:
    """For schemas made from the models, as tests do; migration 0007 holds the same SQL."""
    if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
        connection.exec_driver_sql(installed_schema().replace("%", "%%"))


def installed_schema() -> str:
    """The schema of the installed procrastinate, read without importing its database drivers."""
    return (resources.files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")
