"""The session of a web request: Flask-SQLAlchemy over our own rows, on the engine of the runtime.

The request's transaction is committed once, after a view has answered without an error; everything else rolls back.
"""

from typing import Any

import sqlalchemy as sa
from flask import Flask, Response
from flask_sqlalchemy import SQLAlchemy

from lti_tool.web.runtime import EXTENSION


class Database(SQLAlchemy):
    """Flask-SQLAlchemy makes an engine of its own for each application; ours shares the runtime's."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.engine.Engine:
        engine: sa.engine.Engine = app.extensions[EXTENSION].engine
        return engine


db = Database(session_options={"expire_on_commit": False, "join_transaction_mode": "create_savepoint"})


def commit_at_the_edge(app: Flask) -> None:
    """Commit a successful request; an error page leaves nothing half-stored."""

    @app.after_request
    def commit(response: Response) -> Response:
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response
