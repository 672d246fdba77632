"""Bring the database to the schema that this code expects.

Several nodes may start together: they take turns under one advisory lock, and the later ones find nothing to do.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import ToolError

LOCK = text("SELECT pg_advisory_lock(hashtextextended('lectern migrations', 0))")
UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('lectern migrations', 0))")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply the migrations that are missing, each in a transaction of its own."""
    with engine.connect() as connection:
        connection.execute(LOCK)
        connection.commit()
        try:
            command.upgrade(alembic_config(connection), revision)
        finally:
            connection.rollback()
            connection.execute(UNLOCK)
            connection.commit()


def require_current_schema(engine: Engine) -> None:
    """Raises ToolError when migrations are missing, or when a newer version has been here."""
    if not has_current_schema(engine):
        raise ToolError(
            "schema_not_current", "The database has another schema than this version needs. Run: lectern migrate"
        )


def has_current_schema(engine: Engine) -> bool:
    """Whether the database is exactly where the migrations end."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(migration_scripts().get_heads())


def migration_scripts() -> ScriptDirectory:
    return ScriptDirectory(str(PROJECT_ROOT / "migrations"))


def alembic_config(connection: Connection) -> Config:
    """What migrations/env.py needs; there is no alembic.ini and no address in a file."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config
