"""The processes of an installation, and the database's schema."""

import click

from lti_tool.app import create_app
from lti_tool.cli.group import main, operator_runtime
from lti_tool.files.store import FileStore
from lti_tool.logs import configure_logging
from lti_tool.migrate import require_current_schema, upgrade
from lti_tool.server import WebServer
from lti_tool.startup import lasting_runtime
from lti_tool.worker import work


@main.command()
@click.option("--migrate", is_flag=True, help="Bring the database's schema up to date first.")
def serve(migrate: bool) -> None:
    """Answer web requests until stopped."""
    with operator_runtime(migrated=False) as runtime:
        if migrate:
            upgrade(runtime.engine)
        require_current_schema(runtime.engine)
        FileStore.of(runtime.settings).require_writable()
        # The workers are forks: an open connection must not be shared with them.
        runtime.engine.dispose()
        settings = runtime.settings
        WebServer(settings, lambda: create_app(lasting_runtime(settings))).run()


@main.command()
def worker() -> None:
    """Run background jobs until stopped."""
    with operator_runtime() as runtime:
        FileStore.of(runtime.settings).require_writable()
        configure_logging(runtime.settings.log_level)
        work(runtime)


@main.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    with operator_runtime(migrated=False) as runtime:
        upgrade(runtime.engine)
    click.echo("The database is up to date.")
