"""Registering a platform from the command line."""

import json

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.lti.models import Deployment, Registration
from tests.cli.conftest import Command

MOODLE = ("register", "--moodle", "https://moodle.example/", "--client-id", "abc", "--deployment-id", "1")


def test_without_options_a_link_is_printed(command: Command) -> None:
    printed = command("register")
    assert printed.exit_code == 0
    assert "https://lectern.example/lti/register?invitation=" in printed.output


def test_a_moodle_site_is_registered_by_its_address(command: Command, committed_engine: Engine) -> None:
    assert command(*MOODLE, "--deployment-id", "2").exit_code == 0
    with Session(committed_engine) as session:
        made = session.scalars(select(Registration)).one()
        assert made.platform.issuer == "https://moodle.example"
        assert made.token_endpoint == "https://moodle.example/mod/lti/token.php"
        assert set(session.scalars(select(Deployment.deployment_id))) == {"1", "2"}


def test_a_registration_is_audited(command: Command, committed_engine: Engine) -> None:
    command(*MOODLE)
    with Session(committed_engine) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["registration.added"]


def test_a_client_id_is_registered_once(command: Command) -> None:
    command(*MOODLE)
    again = command(*MOODLE)
    assert again.exit_code == 1
    assert "already registered" in again.output


def test_what_is_missing_is_named(command: Command) -> None:
    printed = command("register", "--issuer", "https://campus.example")
    assert printed.exit_code == 2
    assert "--client-id, --authorization-endpoint, --token-endpoint, --keyset-url, --deployment-id" in printed.output


def test_the_configuration_can_be_handed_to_a_platform(command: Command) -> None:
    exported = json.loads(command("export-config").output)
    assert exported["oidc_initiation_url"] == "https://lectern.example/lti/login"
    assert exported["redirect_uris"] == ["https://lectern.example/lti/launch"]
