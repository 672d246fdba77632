"""Is this PostgreSQL fit for us? Asked at start, so that an old server is named before anything fails on it."""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from lti_tool.errors import ToolError

OLDEST_SERVER = 14
OLDEST_VECTOR = (0, 8)
VECTOR = text(
    "SELECT coalesce(installed_version, default_version), installed_version IS NOT NULL "
    "FROM pg_available_extensions WHERE name = 'vector'"
)


def check_database(engine: Engine) -> None:
    """Raises ToolError saying what is missing; adds the vector extension to a database that has not got it yet."""
    try:
        with engine.connect() as connection:
            check_server(connection.execute(text("SHOW server_version_num")).scalar_one())
            found = connection.execute(VECTOR).one_or_none()
            check_vector(found[0] if found else None)
            if found and not found[1]:
                _add_vector(connection)
    except OperationalError as error:
        raise ToolError(
            "database_unreachable", "The database does not answer. Check DATABASE_URL and that the server runs."
        ) from error


def check_server(version_number: str) -> None:
    major = int(version_number) // 10_000
    if major < OLDEST_SERVER:
        raise ToolError(
            "database_too_old", f"This is PostgreSQL {major}. Lectern needs PostgreSQL {OLDEST_SERVER} or later."
        )


def check_vector(version: str | None) -> None:
    if version is None:
        raise ToolError(
            "vector_missing",
            "The PostgreSQL server has no pgvector extension. Lectern needs pgvector 0.8 or later: "
            "install it on the server (for example the image pgvector/pgvector).",
        )
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_VECTOR:
        raise ToolError(
            "vector_too_old",
            f"The PostgreSQL server has pgvector {version}. Lectern needs 0.8 or later: update it on the server, "
            "then run ALTER EXTENSION vector UPDATE in the database.",
        )


def _add_vector(connection: Connection) -> None:
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        connection.commit()
    except DBAPIError as error:
        raise ToolError(
            "vector_not_added",
            "The database lacks the vector extension and this user may not add it. "
            "Ask the database's administrator to run CREATE EXTENSION vector in it.",
        ) from error
