"""From settings to a running process: the database is started or checked, the secrets are read."""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lti_tool.config import Settings
from lti_tool.database_check import check_database
from lti_tool.db import engine_for
from lti_tool.embedded_postgres import EmbeddedPostgres
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets

# Two web processes and a worker stay below the 100 connections that PostgreSQL allows unless told otherwise.
# Under a rush a request or an answer waits its turn for a connection: one that gives up fails a person, and one
# that is opened for it and closed again costs more than the answer. What is seldom needed rests, last in, first out.
POOL = {"pool_size": 24, "max_overflow": 0, "pool_timeout": 60, "pool_use_lifo": True}


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """The runtime for the length of a block; the embedded database runs at least as long."""
    with database_address(settings) as url:
        engine = engine_for(url, **POOL)
        try:
            check_database(engine)
            yield Runtime(settings=settings, engine=engine, secrets=load_secrets(settings.keys_dir))
        finally:
            engine.dispose()


def lasting_runtime(settings: Settings) -> Runtime:
    """The runtime for the life of this process, as a web server's worker needs it."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(open_runtime(settings))


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """The server that DATABASE_URL names, or the embedded one, which is started when nobody else has."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres.start(settings.data_dir) as server:
        yield server.url
