"""Our keys: published before use, kept after it, and gone at once in an emergency."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput
from lti_tool.lti.keys import active_key, key_set, rotate, rotate_emergency
from lti_tool.lti.models import ToolKey
from lti_tool.secrets import Secrets


def kids(session: Session, secrets: Secrets) -> set[str]:
    return {key["kid"] for key in key_set(session, secrets)["keys"]}


def a_day_passes(session: Session) -> None:
    session.execute(update(ToolKey).values(not_before=ToolKey.not_before - timedelta(hours=25)))


def test_the_first_use_makes_an_active_and_a_next_key(session: Session, secrets: Secrets) -> None:
    key = active_key(session, secrets)
    assert key.kid in kids(session, secrets) and len(kids(session, secrets)) == 2


def test_the_private_part_is_stored_encrypted(session: Session, secrets: Secrets) -> None:
    key = active_key(session, secrets)
    stored = session.get_one(ToolKey, key.kid)
    assert "PRIVATE" in key.private_pem and "PRIVATE" not in stored.private_pem
    assert not {"d", "p", "q"} & set(stored.public_jwk)


def test_a_key_signs_only_after_a_day_in_public(session: Session, secrets: Secrets) -> None:
    active_key(session, secrets)
    with pytest.raises(InvalidInput, match="key_too_young"):
        rotate(session, secrets)


def test_rotation_takes_the_published_key_and_keeps_the_old_one_public(session: Session, secrets: Secrets) -> None:
    old = active_key(session, secrets)
    published = kids(session, secrets)
    a_day_passes(session)
    new = rotate(session, secrets)
    assert new.kid in published - {old.kid} and active_key(session, secrets) == new
    assert published < kids(session, secrets) and len(kids(session, secrets)) == 3


def test_a_retired_key_is_withdrawn_after_two_weeks(session: Session, secrets: Secrets) -> None:
    old = active_key(session, secrets)
    a_day_passes(session)
    rotate(session, secrets)
    session.execute(update(ToolKey).where(ToolKey.kid == old.kid).values(retired_at=now() - timedelta(days=15)))
    assert old.kid not in kids(session, secrets)


def test_an_emergency_withdraws_every_key_and_signs_with_a_new_one(session: Session, secrets: Secrets) -> None:
    active_key(session, secrets)
    before = kids(session, secrets)
    new = rotate_emergency(session, secrets)
    assert new.kid not in before and not before & kids(session, secrets)
    assert active_key(session, secrets) == new


def test_processes_that_start_together_agree_on_one_key(committed_engine: Engine, secrets: Secrets) -> None:
    start = threading.Barrier(3)

    def first_use(_: int) -> str:
        start.wait()
        with transaction(committed_engine) as session:
            return active_key(session, secrets).kid

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(first_use, range(3)))) == 1


@pytest.mark.parametrize("state", ["active", "next"])
def test_the_table_refuses_a_second_key_of_a_state(session: Session, secrets: Secrets, state: str) -> None:
    active_key(session, secrets)
    session.add(ToolKey(kid="second", private_pem="", public_jwk={}, state=state, not_before=now()))
    with pytest.raises(IntegrityError, match=f"uq_tool_key_{state}"):
        session.flush()


def test_the_table_knows_when_a_key_was_retired(session: Session, secrets: Secrets) -> None:
    kid = active_key(session, secrets).kid
    with pytest.raises(IntegrityError, match="ck_tool_key_retired_at"):
        session.execute(update(ToolKey).where(ToolKey.kid == kid).values(state="retired"))
