"""The command all commands hang on, and what each of them needs first."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from lti_tool import __version__
from lti_tool.config import Settings
from lti_tool.db import transaction
from lti_tool.errors import ToolError
from lti_tool.migrate import require_current_schema
from lti_tool.runtime import Runtime
from lti_tool.startup import open_runtime

OF_THE_SYSTEM = {
    errno.EACCES,
    errno.EDQUOT,
    errno.ENOENT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
"""A folder that is not ours, not there or read-only, a full disk: nothing of ours is wrong."""


@click.group()
@click.version_option(version=__version__)
def main() -> None:
    """Lectern, an LTI 1.3 tool for courses. Settings come from the environment: see the README."""


def environment_settings() -> Settings:
    """The settings of the environment this command was started in."""
    with plain_errors():
        return Settings.from_env(os.environ)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What we know how to say is said in a sentence, without a traceback."""
    try:
        yield
    except ToolError as error:
        raise click.ClickException(error.message) from error
    except OSError as error:
        if error.errno not in OF_THE_SYSTEM:
            raise
        raise click.ClickException(f"{error.strerror}: {error.filename}" if error.filename else str(error)) from error


@contextmanager
def operator_runtime(*, migrated: bool = True) -> Iterator[Runtime]:
    """The runtime of a command, on a database with the current schema unless told otherwise."""
    with plain_errors(), open_runtime(environment_settings()) as runtime:
        if migrated:
            require_current_schema(runtime.engine)
        yield runtime


@contextmanager
def operator_session() -> Iterator[tuple[Runtime, Session]]:
    """One transaction for the length of a command."""
    with operator_runtime() as runtime, transaction(runtime.engine) as session:
        yield runtime, session
