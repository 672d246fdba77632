"""The operator's commands. Each reads the settings, opens the runtime and calls one function."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lti_tool import __version__
from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.errors import ToolError
from lti_tool.migrate import require_current_schema, upgrade
from lti_tool.runtime import Runtime
from lti_tool.server import WebServer
from lti_tool.startup import lasting_runtime, open_runtime


@contextmanager
def plain_errors() -> Iterator[None]:
    """What we know how to say is said in a sentence, without a traceback."""
    try:
        yield
    except ToolError as error:
        raise click.ClickException(error.message) from error


@contextmanager
def operator_runtime() -> Iterator[Runtime]:
    """The runtime of a command."""
    with plain_errors(), open_runtime(Settings.from_env(os.environ)) as runtime:
        yield runtime


@click.group()
@click.version_option(version=__version__)
def main() -> None:
    """Lectern, an LTI 1.3 tool for courses. Settings come from the environment: see the README."""


@main.command()
@click.option("--migrate", is_flag=True, help="Bring the database's schema up to date first.")
def serve(migrate: bool) -> None:
    """Answer web requests until stopped."""
    with operator_runtime() as runtime:
        if migrate:
            upgrade(runtime.engine)
        require_current_schema(runtime.engine)
        # The workers are forks: an open connection must not be shared with them.
        runtime.engine.dispose()
        settings = runtime.settings
        WebServer(settings, lambda: create_app(lasting_runtime(settings))).run()


@main.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    with operator_runtime() as runtime:
        upgrade(runtime.engine)
    click.echo("The database is up to date.")
