"""A worker process with one task of its own, to be killed at any moment.

A chore is a row; its job is a nudge to do it. The task says that it tried, works for a moment, and marks the row done
if nobody did: as every task of the tool must.
"""

from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from lti_tool.config import Settings, ToolDescription
from lti_tool.db import engine_for, transaction
from lti_tool.jobs.registry import Retry, task
from lti_tool.jobs.worker import WorkerOptions, run_worker
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets

TABLES = """
CREATE TABLE chore (id int PRIMARY KEY, student int NOT NULL, times_done int NOT NULL DEFAULT 0);
CREATE TABLE chore_done (position bigserial, chore int, student int);
CREATE TABLE chore_tried (chore int);
"""

QUICK = WorkerOptions(poll=0.2, heartbeat=0.2, silence=1, keeper=0.3, patience=0.2)


@task("tests.chore", retry=Retry(attempts=50, first_wait=0), lock="student:{student}")
def do_chore(runtime: Runtime, *, chore: int, student: int) -> None:
    with transaction(runtime.engine) as session:
        session.execute(text("INSERT INTO chore_tried VALUES (:chore)"), {"chore": chore})
    with transaction(runtime.engine) as session:
        values = {"chore": chore, "student": student}
        open_chore = text("SELECT id FROM chore WHERE id = :chore AND times_done = 0 FOR UPDATE")
        if session.execute(open_chore, values).scalar() is None:
            return
        session.execute(text("SELECT pg_sleep(0.02)"))
        session.execute(text("UPDATE chore SET times_done = times_done + 1 WHERE id = :chore"), values)
        session.execute(text("INSERT INTO chore_done (chore, student) VALUES (:chore, :student)"), values)


def worker_runtime(engine: Engine) -> Runtime:
    settings = Settings(
        public_url="http://127.0.0.1:8000", tool=ToolDescription(title="", description=""), data_dir=Path("unused")
    )
    return Runtime(settings=settings, engine=engine, secrets=Secrets(app_key="", fernet=Fernet(Fernet.generate_key())))


def run(url: str) -> None:
    """The body of the process."""
    run_worker(worker_runtime(engine_for(url)), QUICK)
