"""Can this node serve? It needs the database, at the schema of this code, and the queue's tables."""

from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.migrate import has_current_schema


@dataclass(frozen=True, kw_only=True)
class Readiness:
    database: bool = False
    queue: bool = False
    migrations: bool = False

    @property
    def is_ready(self) -> bool:
        return self.database and self.queue and self.migrations


def readiness(engine: Engine) -> Readiness:
    """Ask the database; a part that cannot be asked is not ready."""
    try:
        with engine.connect() as connection:
            queue = connection.scalar(text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL"))
        return Readiness(database=True, queue=bool(queue), migrations=has_current_schema(engine))
    except SQLAlchemyError:
        return Readiness()
