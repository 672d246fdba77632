"""The database fixtures keep tests apart from each other."""

import pytest
import requests
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session


@pytest.mark.parametrize("attempt", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(session: Session, attempt: int) -> None:
    session.execute(text("CREATE TABLE scratch (id int)"))
    session.commit()
    session.execute(text("INSERT INTO scratch VALUES (1)"))
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM scratch")) == 0


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_committed_engine_starts_fresh(committed_engine: Engine, attempt: int) -> None:
    with committed_engine.begin() as connection:
        connection.execute(text("CREATE TABLE scratch (id int)"))
    with committed_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM scratch")) == 0


def test_a_test_cannot_reach_the_internet() -> None:
    with pytest.raises(RuntimeError, match=r"example\.org"):
        requests.get("http://example.org", timeout=1)
