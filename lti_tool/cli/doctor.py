"""The doctor's checks on the command line."""

import click

from lti_tool.administration.doctor.checks import UNTOLD, Verdict, local_checks
from lti_tool.administration.doctor.platforms import platform_checks
from lti_tool.cli.group import main, operator_runtime
from lti_tool.db import transaction


@main.command()
@click.option("--offline", is_flag=True, help="Do not ask the platforms.")
def doctor(offline: bool) -> None:
    """Check that everything is in place; fails when something is broken."""
    with operator_runtime(migrated=False) as runtime, transaction(runtime.engine) as session:
        checks = local_checks(runtime, session)
        if not offline and UNTOLD not in checks:
            checks += platform_checks(runtime, session)
    for check in checks:
        click.echo(f"{check.verdict:8} {check.name}: {check.message % check.values}")
    broken = sum(check.verdict is Verdict.FAILED for check in checks)
    if broken:
        raise click.ClickException(f"{broken} of {len(checks)} checks failed.")
