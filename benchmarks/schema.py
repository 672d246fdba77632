"""The whole schema in an empty database, for benchmarks that measure rules rather than migrations."""

import importlib
import pkgutil

from sqlalchemy import Engine, text

import lti_tool
from lti_tool.db import Base


def make_schema(engine: Engine) -> None:
    """Create every table, index and trigger of the models."""
    for module in pkgutil.walk_packages(lti_tool.__path__, "lti_tool."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        Base.metadata.create_all(connection)
