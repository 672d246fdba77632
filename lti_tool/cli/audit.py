"""The audit trail from outside the tool."""

import click

from lti_tool.accounts.audit.checkpoints import check_signatures
from lti_tool.accounts.audit.verification import verify
from lti_tool.cli.group import main, operator_session


@main.group()
def audit() -> None:
    """The record of what was done and by whom."""


@audit.command("verify")
def verify_command() -> None:
    """Check that no row was changed, removed, inserted or reordered; name those that were."""
    with operator_session() as (runtime, session):
        findings = [*verify(session), *check_signatures(session, runtime.secrets.app_key)]
    for finding in findings:
        place = "" if finding.sequence is None else f"{finding.sequence}: "
        click.echo(f"{place}{finding.damage}. {finding.explanation}")
    if findings:
        raise click.ClickException(f"The audit is not what was written: {len(findings)} findings.")
    click.echo("The audit is intact.")
