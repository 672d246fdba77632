"""The rows of the course site in a PostgreSQL, beside the tool's own or in a database apart."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.demo.keys import new_kid, new_private_pem
from lti_tool.demo.models import SCHEMA, DemoBase, Person, SigningKey, SiteFact, UsedOnce
from lti_tool.demo.seed import seed


class Store:
    """One site: its rows and its address, which is also its issuer."""

    def __init__(self, engine: Engine, issuer: str) -> None:
        self.engine = engine
        self.issuer = issuer

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with transaction(self.engine) as session:
            yield session


def prepare(engine: Engine, private_pem: str | None = None) -> None:
    """Make the tables, the secrets, the people and courses, where they do not exist yet."""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        DemoBase.metadata.create_all(connection)
    with transaction(engine) as session:
        if session.get(SiteFact, "cookie") is None:
            session.add(SiteFact(name="cookie", value=secrets.token_urlsafe(32)))
            session.add(SigningKey(kid=new_kid(), private_pem=private_pem or new_private_pem()))
        seed(session)


def cookie_secret(session: Session) -> str:
    return session.get_one(SiteFact, "cookie").value


def find_fact(session: Session, name: str) -> str | None:
    fact = session.get(SiteFact, name)
    return fact.value if fact else None


def remember(session: Session, name: str, value: str) -> None:
    session.merge(SiteFact(name=name, value=value))


def use_once(session: Session, *, kind: str, owner: str, value: str) -> bool:
    """True the first time only, also for two requests at the same moment."""
    statement = insert(UsedOnce).values(kind=kind, owner=owner, value=value).on_conflict_do_nothing()
    return bool(session.scalar(statement.returning(UsedOnce.id)))


def find_person(session: Session, person_id: str) -> Person | None:
    """The person whom a `sub` or a form names, if it names one."""
    return session.get(Person, int(person_id)) if person_id.isdecimal() and len(person_id) < 10 else None
