"""The base of every row, the engine, and a transaction; PostgreSQL is the only dialect.

Web requests use the session of Flask-SQLAlchemy (web/database.py) on the same engine settings; jobs, commands and
threads use `transaction`. One transaction per request or job, committed at the edge.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from select import POLLIN, poll
from typing import Annotated, Any, TypeVarTuple
from uuid import UUID, uuid4

import psycopg2  # type: ignore[import-untyped]  # it has none
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, Result, create_engine, event, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.selectable import TypedReturnsRows

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Rows hold aware UTC datetimes and JSONB only."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
        int: BigInteger,
    }


Key = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=True)]
"""The primary key of a row that people never see."""

OpaqueKey = Annotated[UUID, mapped_column(primary_key=True, default=uuid4)]
"""The primary key of a row whose id stands in an address or leaves the house: it cannot be guessed or counted."""

CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
"""When the row was written, by the database's clock."""


def guard(sql: str, *, probe: str) -> None:
    """What the tables refuse or do by themselves, for schemas made from the models, as tests do; migrations repeat it.

    `probe` names a function that the SQL makes: where it is there, all of it is.
    """

    @event.listens_for(Base.metadata, "after_create")
    def create(_: MetaData, connection: Connection, **options: object) -> None:
        if connection.scalar(text("SELECT to_regproc(:probe)"), {"probe": probe}) is None:
            connection.exec_driver_sql(sql.replace("%", "%%"))


TRUSTED_FOR = 30.0
"""Seconds that a returned connection counts as alive while its socket is silent; routers drop only longer silences."""


@contextmanager
def erasing(session: Session) -> Iterator[None]:
    """Let what is otherwise never changed be emptied, in this transaction: the tables' triggers look for it."""
    session.flush()
    session.execute(text("SELECT set_config('lectern.erasing', 'on', true)"))
    yield
    session.flush()
    session.execute(text("SELECT set_config('lectern.erasing', 'off', true)"))


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def engine_for(url: str, **options: Any) -> Engine:
    """An engine on psycopg2; a connection that died while idle is replaced, not handed out."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1), **options)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _replace_if_dead)
    return engine


def _note_return(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["returned"] = time.monotonic()


def _replace_if_dead(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """A server that goes says so on the socket; only a long silence needs a question and the wait for its answer."""
    if time.monotonic() - record.info.get("returned", 0.0) < TRUSTED_FOR and not _has_news(connection):
        return
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise DisconnectionError from error


def _has_news(connection: Any) -> bool:
    socket = poll()
    socket.register(connection.fileno(), POLLIN)
    return bool(socket.poll(0))


Columns = TypeVarTuple("Columns")


def columns(session: Session, statement: TypedReturnsRows[*Columns], values: Mapping[str, object]) -> Result[*Columns]:
    """What a statement says of columns alone, past the machinery that turns results into rows of the session.

    It costs half as much, which counts where every request asks.
    """
    session.flush()
    return session.connection().execute(statement, values)


@contextmanager
def transaction(engine: Engine | Connection) -> Iterator[Session]:
    """A session that commits at the end of the block and rolls back on any error."""
    with (
        Session(engine, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
        session.begin(),
    ):
        yield session


def separate_transaction(session: Session) -> AbstractContextManager[Session]:
    """A transaction beside the session's own, kept whatever becomes of that one (a security event, a fetched key)."""
    return transaction(session.get_bind())
