"""The audit trail from outside the tool."""

from typing import TextIO

import click

from lti_tool.accounts.audit.checkpoints import check_signatures
from lti_tool.accounts.audit.export import verify_export
from lti_tool.accounts.audit.verification import Finding, verify
from lti_tool.cli.group import main, operator_session, plain_errors


@main.group()
def audit() -> None:
    """The record of what was done and by whom."""


@audit.command("verify")
@click.option("--file", "export", type=click.File(encoding="utf-8"), help="Check an export instead of the database.")
def verify_command(export: TextIO | None) -> None:
    """Check that no row was changed, removed, inserted or reordered; name those that were."""
    with plain_errors():
        findings = verify_export(export) if export else stored_findings()
    for finding in findings:
        place = "" if finding.sequence is None else f"{finding.sequence}: "
        click.echo(f"{place}{finding.damage}. {finding.explanation}")
    if findings:
        raise click.ClickException(f"The audit is not what was written: {len(findings)} findings.")
    click.echo("The audit is intact.")


def stored_findings() -> list[Finding]:
    with operator_session() as (runtime, session):
        return [*verify(session), *check_signatures(session, runtime.secrets.app_key)]
