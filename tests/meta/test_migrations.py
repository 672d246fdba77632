"""The chain of migrations: numbered, single, forward and back, and equal to the models."""

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from lti_tool.db import Base
from lti_tool.errors import ToolError
from lti_tool.migrate import alembic_config, migration_scripts, require_current_schema, upgrade

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
numbers = sorted(path.name[:4] for path in VERSIONS.glob("*.py"))


@pytest.fixture
def bare_engine(committed_engine: Engine) -> Engine:
    """A database with the extension and nothing else."""
    with committed_engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("CREATE EXTENSION vector"))
    return committed_engine


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (name or "").startswith(("procrastinate_", "alembic_version"))


DEFINITIONS = """
    SELECT 'function ' || p.oid::regprocedure || ' ' || md5(p.prosrc) FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT concat_ws(' ', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attstorage,
                     a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""


def definitions(connection: Connection) -> set[str]:
    """Functions, triggers, checks, indexes and columns in the database's own words; Alembic compares few of them."""
    found = connection.execute(text(DEFINITIONS)).scalars()
    return {definition for definition in found if "alembic_version" not in definition}


def test_numbers_run_on_without_gap() -> None:
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_each_migration_follows_the_one_before() -> None:
    for script in migration_scripts().walk_revisions():
        assert script.down_revision == (None if script.revision == "0001" else f"{int(script.revision) - 1:04d}")
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_each_migration_says_what_it_does() -> None:
    for script in migration_scripts().walk_revisions():
        assert script.doc.strip().endswith("."), script.path


def test_the_migrated_schema_is_what_the_models_say(bare_engine: Engine) -> None:
    upgrade(bare_engine)
    with bare_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_ours, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_and_creating_give_the_same_database(bare_engine: Engine) -> None:
    upgrade(bare_engine)
    with bare_engine.begin() as connection:
        migrated = definitions(connection)
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("CREATE EXTENSION vector"))
        Base.metadata.create_all(connection)
        assert migrated ^ definitions(connection) == set()


def test_every_step_back_can_be_taken_forward_again(bare_engine: Engine) -> None:
    upgrade(bare_engine)
    with bare_engine.connect() as connection:
        for _ in numbers:
            command.downgrade(alembic_config(connection), "-1")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        connection.commit()
    upgrade(bare_engine)
    require_current_schema(bare_engine)


def test_two_nodes_that_start_together_take_turns(bare_engine: Engine) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            upgrade(bare_engine)
        except BaseException as error:
            failures.append(error)

    nodes = [threading.Thread(target=migrate) for _ in range(2)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()
    assert failures == []
    require_current_schema(bare_engine)


def test_a_schema_that_lags_behind_stops_the_start(bare_engine: Engine) -> None:
    with pytest.raises(ToolError, match="lectern migrate"):
        require_current_schema(bare_engine)
