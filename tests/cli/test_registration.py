"""Registering a platform from the command line."""

import json

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.lti.models import Deployment, Platform, Registration
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


def test_a_known_client_id_gets_a_further_deployment(command: Command, committed_engine: Engine) -> None:
    command(*MOODLE)
    again = command(*MOODLE, "--deployment-id", "7")
    assert again.exit_code == 0 and "deployment id 7." in again.output
    with Session(committed_engine) as session:
        assert set(session.scalars(select(Deployment.deployment_id))) == {"1", "7"}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "deployment.added")).one()
        assert entry.details == {"deployment_id": "7"}


def by_issuer(issuer: str) -> list[str]:
    addresses = ("--authorization-endpoint", "--token-endpoint", "--keyset-url")
    words = ["register", "--issuer", issuer, "--client-id", "abc", "--deployment-id", "1"]
    return words + [word for name in addresses for word in (name, "https://moodle.example/x")]


def test_the_issuer_is_kept_without_a_slash_at_its_end(command: Command, committed_engine: Engine) -> None:
    assert command(*by_issuer("https://moodle.example/")).exit_code == 0
    with Session(committed_engine) as session:
        assert session.scalars(select(Registration)).one().platform.issuer == "https://moodle.example"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (by_issuer("notaurl"), "issuer"),
        ([*by_issuer("https://moodle.example"), "--keyset-url", "notaurl"], "keyset url"),
        ([*MOODLE, "--moodle", "notaurl"], "issuer"),
    ],
)
def test_an_address_that_is_none_is_refused(
    command: Command, committed_engine: Engine, words: list[str], field: str
) -> None:
    printed = command(*words)
    assert printed.exit_code == 1 and f"The {field} must be a web address." in printed.output
    with Session(committed_engine) as session:
        assert session.scalars(select(Registration)).all() == []


def test_what_is_missing_is_named(command: Command) -> None:
    printed = command("register", "--issuer", "https://campus.example")
    assert printed.exit_code == 2
    assert "--client-id, --authorization-endpoint, --token-endpoint, --keyset-url, --deployment-id" in printed.output


def test_the_configuration_can_be_handed_to_a_platform(command: Command) -> None:
    exported = json.loads(command("export-config").output)
    assert exported["oidc_initiation_url"] == "https://lectern.example/lti/login"
    assert exported["redirect_uris"] == ["https://lectern.example/lti/launch"]


def trusted(engine: Engine) -> dict[str, bool]:
    with Session(engine) as session:
        return {platform.issuer: platform.is_trusted for platform in session.scalars(select(Platform))}


def test_administrators_of_the_first_platform_alone_administer_until_another_is_trusted(
    command: Command, committed_engine: Engine
) -> None:
    command(*MOODLE)
    command(*by_issuer("https://second.example"))
    first, second = "https://moodle.example", "https://second.example"
    assert trusted(committed_engine) == {first: True, second: False}
    assert command("trust", second).exit_code == 0
    assert command("trust", first, "--withdraw").exit_code == 0
    assert trusted(committed_engine) == {first: False, second: True}
    with Session(committed_engine) as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["platform.trusted", "platform.distrusted"]


def test_an_unknown_platform_cannot_be_trusted(command: Command) -> None:
    refused = command("trust", "https://nobody.example")
    assert refused.exit_code == 1 and "No platform" in refused.output
