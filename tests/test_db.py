"""The engine hands out live connections, and asks the server about them only when it must."""

import pytest
from sqlalchemy import Engine, text

from lti_tool import db
from lti_tool.db import engine_for

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def own_engine(committed_engine: Engine) -> Engine:
    return engine_for(committed_engine.url.render_as_string(hide_password=False), pool_size=1)


def pid_of(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(PID) or 0)


def end_backend(engine: Engine, pid: int) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})


@pytest.mark.parametrize("trusted_for", [0, 1000], ids=["after a long silence", "just returned"])
def test_a_connection_that_died_while_idle_is_replaced(
    own_engine: Engine, committed_engine: Engine, monkeypatch: pytest.MonkeyPatch, trusted_for: int
) -> None:
    monkeypatch.setattr(db, "TRUSTED_FOR", trusted_for)
    before = pid_of(own_engine)
    end_backend(committed_engine, before)

    assert pid_of(own_engine) not in {0, before}
    own_engine.dispose()


def test_a_live_connection_is_used_again(own_engine: Engine) -> None:
    assert pid_of(own_engine) == pid_of(own_engine)
    own_engine.dispose()
