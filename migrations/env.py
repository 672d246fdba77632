"""The Alembic environment: `lectern migrate` hands it a connection, `flask db` an application."""

import importlib
from pathlib import Path

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import lti_tool
from lti_tool.db import Base

PACKAGE = Path(lti_tool.__file__).parent

# Kept by the job queue itself; 0007 installs them as its package ships them.
FOREIGN_TABLES = "procrastinate_"


def import_models() -> None:
    """By file name: walking the packages would import every one of them."""
    for path in PACKAGE.rglob("models.py"):
        importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (name or "").startswith(FOREIGN_TABLES)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


import_models()
given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        migrate(connection)
