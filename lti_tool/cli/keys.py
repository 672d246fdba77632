"""Our signing keys: the yearly change, and the one after a key was lost."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record
from lti_tool.cli.group import main, operator_runtime
from lti_tool.db import transaction
from lti_tool.errors import ToolError
from lti_tool.lti.access_tokens import PlatformAccess, request_with_key
from lti_tool.lti.keys import SigningKey, rotate, rotate_emergency
from lti_tool.lti.memberships import SCOPE
from lti_tool.lti.models import Registration, RegistrationStatus


@main.group()
def keys() -> None:
    """The keys that sign what this tool sends to platforms."""


@keys.command("rotate")
@click.option("--emergency", is_flag=True, help="A key became known: withdraw all and make every platform notice.")
def rotate_command(emergency: bool) -> None:
    """Take the next signing key into use; the old one stays published for two weeks."""
    with operator_runtime() as runtime:
        with transaction(runtime.engine) as session:
            key = (rotate_emergency if emergency else rotate)(session, runtime.secrets)
            record(session, "key.withdrawn" if emergency else "key.rotated", object_type="key", object_id=key.kid)
            accesses = active_accesses(session)
        click.echo(f"Signing with key {key.kid} from now on.")
        if emergency:
            prove_everywhere(accesses, key)


def active_accesses(session: Session) -> list[PlatformAccess]:
    active = select(Registration).where(Registration.status == RegistrationStatus.ACTIVE).order_by(Registration.id)
    return [PlatformAccess.of(registration) for registration in session.scalars(active)]


def prove_everywhere(accesses: list[PlatformAccess], key: SigningKey) -> None:
    """Moodle goes on accepting a withdrawn key until it has seen a token request with one that it never cached."""
    failed = 0
    for access in accesses:
        try:
            request_with_key(access, [SCOPE], key)
            click.echo(f"{access.issuer} ({access.client_id}) has seen the new key.")
        except ToolError as error:
            failed += 1
            click.echo(f"{access.issuer} ({access.client_id}) has NOT seen the new key: {error.message}", err=True)
    if failed:
        raise click.ClickException(
            f"{failed} of {len(accesses)} platforms may still accept the lost key. Run it again."
        )
