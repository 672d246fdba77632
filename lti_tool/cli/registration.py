"""Making a platform known to the tool, and the tool to a platform."""

import json

import click

from lti_tool.accounts.audit.log import record
from lti_tool.cli.group import environment_settings, main, operator_session
from lti_tool.launch.registration.description import description
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import LIFETIME, invite
from lti_tool.lti.registrations import PlatformEndpoints, register

BY_HAND = ("issuer", "client_id", "authorization_endpoint", "token_endpoint", "keyset_url")
MOODLE = {
    "issuer": "",
    "authorization_endpoint": "/mod/lti/auth.php",
    "token_endpoint": "/mod/lti/token.php",
    "keyset_url": "/mod/lti/certs.php",
}


@main.command("register")
@click.option("--moodle", help="Address of a Moodle site, instead of issuer and endpoints.")
@click.option("--issuer", help="Platform ID.")
@click.option("--client-id")
@click.option("--authorization-endpoint", help="Authentication request URL.")
@click.option("--token-endpoint", help="Access token URL.")
@click.option("--keyset-url", help="Public keyset URL.")
@click.option("--deployment-id", multiple=True, help="May be given several times.")
@click.option("--allow-private-addresses", is_flag=True, help="The platform is in your own network.")
def register_command(
    moodle: str | None, deployment_id: tuple[str, ...], allow_private_addresses: bool, **given: str | None
) -> None:
    """Register a platform by what it says about itself, or print a link that registers one.

    Without options a link is printed: paste it into the platform's field for a tool's registration address.
    """
    endpoints = {**given, **(moodle_endpoints(moodle) if moodle else {})}
    if not any(endpoints.values()) and not deployment_id:
        print_invitation(allow_private_addresses)
        return
    missing = [name for name in BY_HAND if not endpoints[name]] + ([] if deployment_id else ["deployment_id"])
    if missing:
        raise click.UsageError("Missing: " + ", ".join("--" + name.replace("_", "-") for name in missing))
    known = PlatformEndpoints(**{name: value for name, value in endpoints.items() if value})
    register_by_hand(known, deployment_id, allow_private_addresses)


def moodle_endpoints(site: str) -> dict[str, str]:
    return {name: site.rstrip("/") + path for name, path in MOODLE.items()} | {"product_family": "moodle"}


def print_invitation(allow_private_addresses: bool) -> None:
    with operator_session() as (runtime, session):
        token = invite(session, runtime.secrets, allows_private_addresses=allow_private_addresses)
        record(session, "registration.invited")
        link = registration_url(runtime.settings, token)
    click.echo(f"Registers one platform, within {LIFETIME.days} days:\n{link}")


def register_by_hand(endpoints: PlatformEndpoints, deployment_ids: tuple[str, ...], allow_private: bool) -> None:
    with operator_session() as (_, session):
        made = register(session, endpoints, deployment_ids=deployment_ids, allows_private_addresses=allow_private)
        record(session, "registration.added", object_type="registration", object_id=made.id)
    click.echo(f"Registered {endpoints.issuer} with client id {endpoints.client_id}.")


@main.command("export-config")
def export_config() -> None:
    """Print what a platform must know about this tool, as JSON for those that take it (Canvas) or to copy from."""
    click.echo(json.dumps(description(environment_settings()), indent=2, ensure_ascii=False))
