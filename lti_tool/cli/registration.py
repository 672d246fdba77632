"""Making a platform known to the tool, and the tool to a platform."""

import json
from collections.abc import Mapping
from dataclasses import replace

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record
from lti_tool.cli.group import environment_settings, main, operator_session, plain_errors
from lti_tool.launch.registration.description import description
from lti_tool.launch.registration.registering import typed_endpoints
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import LIFETIME, invite
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.registrations import PlatformEndpoints, add_deployment, known_registration, register, trust

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
@click.option("--client-id", help="What the platform calls this tool.")
@click.option("--authorization-endpoint", help="Authentication request URL.")
@click.option("--token-endpoint", help="Access token URL.")
@click.option("--keyset-url", help="Public keyset URL.")
@click.option("--deployment-id", multiple=True, help="May be given several times.")
@click.option("--allow-private-addresses", is_flag=True, help="The platform is in your own network.")
def register_command(
    moodle: str | None, deployment_id: tuple[str, ...], allow_private_addresses: bool, **given: str | None
) -> None:
    """Register a platform by what it says about itself, or print a link that registers one.

    A client id that is known already gets the deployment ids that are new.

    Without options a link is printed: paste it into the platform's field for a tool's registration address.
    """
    endpoints = {**given, **(moodle_endpoints(moodle) if moodle else {})}
    if not any(endpoints.values()) and not deployment_id:
        print_invitation(allow_private_addresses)
        return
    missing = [name for name in BY_HAND if not endpoints[name]] + ([] if deployment_id else ["deployment_id"])
    if missing:
        raise click.UsageError("Missing: " + ", ".join("--" + name.replace("_", "-") for name in missing))
    register_by_hand(checked_endpoints(endpoints), deployment_id, allow_private_addresses)


def checked_endpoints(given: Mapping[str, str | None]) -> PlatformEndpoints:
    """An issuer is compared letter by letter, and Moodle's has no slash at its end."""
    fields = {name: value or "" for name, value in given.items()}
    with plain_errors():
        typed = typed_endpoints(fields | {"issuer": fields["issuer"].rstrip("/")})
    return replace(typed, product_family=fields.get("product_family", ""))


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
        known = known_registration(session, endpoints.issuer, endpoints.client_id)
        if known and (new := new_deployments(session, known, deployment_ids)):
            add_deployments(session, known, new)
            said = f"Added to client id {endpoints.client_id} of {endpoints.issuer}: deployment id {', '.join(new)}."
        else:
            made = register(session, endpoints, deployment_ids=deployment_ids, allows_private_addresses=allow_private)
            record(session, "registration.added", object_type="registration", object_id=made.id)
            said = f"Registered {endpoints.issuer} with client id {endpoints.client_id}."
    click.echo(said)


def new_deployments(session: Session, known: Registration, deployment_ids: tuple[str, ...]) -> list[str]:
    active = select(Deployment.deployment_id).where(Deployment.registration_id == known.id, Deployment.is_active)
    return sorted(set(deployment_ids) - set(session.scalars(active)))


def add_deployments(session: Session, known: Registration, deployment_ids: list[str]) -> None:
    for deployment_id in deployment_ids:
        add_deployment(session, known, deployment_id)
        details = {"deployment_id": deployment_id}
        record(session, "deployment.added", object_type="registration", object_id=known.id, details=details)


@main.command("trust")
@click.argument("issuer")
@click.option("--withdraw", is_flag=True, help="Take it back.")
def trust_command(issuer: str, withdraw: bool) -> None:
    """Let the administrators of a platform administer the whole tool; those of the first platform may already."""
    with operator_session() as (_, session):
        platform = trust(session, issuer.rstrip("/"), is_trusted=not withdraw)
        record(
            session,
            "platform.distrusted" if withdraw else "platform.trusted",
            object_type="platform",
            object_id=platform.id,
        )
    click.echo(f"Administrators of {issuer} {'no longer administer' if withdraw else 'now administer'} the whole tool.")


@main.command("export-config")
def export_config() -> None:
    """Print what a platform must know about this tool, as JSON for those that take it (Canvas) or to copy from."""
    click.echo(json.dumps(description(environment_settings()), indent=2, ensure_ascii=False))
