"""Changing our signing keys."""

from datetime import timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.lti.models import ToolKey, ToolKeyState
from tests.cli.conftest import Command
from tests.cli.test_registration import MOODLE


def kids(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        return {key.state: key.kid for key in session.scalars(select(ToolKey))}


def age_keys(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(update(ToolKey).values(not_before=now() - timedelta(days=2)))


def test_the_next_key_is_refused_before_it_was_public_for_a_day(command: Command) -> None:
    refused = command("keys", "rotate")
    assert refused.exit_code == 1
    assert "may sign from" in refused.output


def test_the_next_key_signs_and_the_old_one_stays_published(command: Command, committed_engine: Engine) -> None:
    command("keys", "rotate", "--emergency")
    before = kids(committed_engine)
    age_keys(committed_engine)
    assert command("keys", "rotate").exit_code == 0
    after = kids(committed_engine)
    assert after[ToolKeyState.ACTIVE] == before[ToolKeyState.NEXT]
    assert after[ToolKeyState.RETIRED] == before[ToolKeyState.ACTIVE]


def test_an_emergency_withdraws_every_key(command: Command, committed_engine: Engine) -> None:
    command("keys", "rotate", "--emergency")
    before = kids(committed_engine)
    assert command("keys", "rotate", "--emergency").exit_code == 0
    assert not set(kids(committed_engine).values()) & set(before.values())


def test_an_emergency_names_the_platform_that_did_not_notice(command: Command) -> None:
    command(*[word.replace("moodle.example", "127.0.0.1:9") for word in MOODLE])
    printed = command("keys", "rotate", "--emergency")
    assert printed.exit_code == 1
    assert "has NOT seen the new key" in printed.output
    assert "1 of 1 platforms" in printed.output
