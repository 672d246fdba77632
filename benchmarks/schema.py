"""The whole schema in an empty database, for benchmarks that measure rules rather than migrations."""

import importlib
import pkgutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

import lti_tool
from lti_tool.db import Base, engine_for
from lti_tool.embedded_postgres import EmbeddedPostgres


@contextmanager
def fresh_database() -> Iterator[Engine]:
    """A server of this benchmark's own with the whole schema, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lectern-benchmark-") as folder:
        # The server runs as another user where this one is root.
        Path(folder).chmod(0o711)
        with EmbeddedPostgres.start(Path(folder), fast=True) as server:
            engine = engine_for(server.url)
            make_schema(engine)
            yield engine
            engine.dispose()


def make_schema(engine: Engine) -> None:
    """Create every table, index and trigger of the models."""
    for module in pkgutil.walk_packages(lti_tool.__path__, "lti_tool."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        Base.metadata.create_all(connection)
