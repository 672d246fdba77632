"""An unfit database server is named at start."""

import pytest
from sqlalchemy import Engine, text

from lti_tool.database_check import check_database, check_server, check_vector
from lti_tool.db import engine_for
from lti_tool.errors import ToolError


def test_a_fit_server_passes_and_gets_the_extension(committed_engine: Engine) -> None:
    with committed_engine.begin() as connection:
        connection.execute(text("DROP EXTENSION vector CASCADE"))
    check_database(committed_engine)
    with committed_engine.connect() as connection:
        assert connection.execute(text("SELECT '[1,2]'::halfvec::text")).scalar() == "[1,2]"


def test_an_old_server_is_named() -> None:
    check_server("140021")
    with pytest.raises(ToolError, match="PostgreSQL 13"):
        check_server("130014")


@pytest.mark.parametrize("version", ["0.5.1", "0.7.4"])
def test_an_old_vector_extension_is_named(version: str) -> None:
    with pytest.raises(ToolError, match=version):
        check_vector(version)


@pytest.mark.parametrize("version", ["0.8.0", "0.8.5", "0.10.0", "1.0"])
def test_a_recent_vector_extension_passes(version: str) -> None:
    check_vector(version)


def test_a_missing_vector_extension_is_explained() -> None:
    with pytest.raises(ToolError, match="pgvector/pgvector"):
        check_vector(None)


def test_a_server_that_does_not_answer_is_explained() -> None:
    with pytest.raises(ToolError, match="DATABASE_URL"):
        check_database(engine_for("postgresql://nobody@/nothing?host=/nonexistent"))
