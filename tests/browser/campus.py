"""The tool, its worker, a model and the course site, all really running, for tests with a browser.

The tool is on 127.0.0.1 and the site on localhost, so a frame of the tool in the site is truly cross-site.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.accounts.models import Membership, Placement, PlacementKind
from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.content.models import Source, SourceState
from lti_tool.db import Base, transaction
from lti_tool.demo.filling import fill
from lti_tool.demo.joining import join, use_model
from lti_tool.demo.models import Activity
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.jobs.worker import WorkerOptions, WorkerProcess
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import invite
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import BURST_LIMIT, DAILY_LIMIT, EMBEDDING_DEPLOYMENT, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from lti_tool.tutor.views import NODE
from lti_tool.worker import load_tasks
from tests.fakes.model_server import ModelServer
from tests.fixtures.demo import platform_pem
from tests.fixtures.patience import PATIENCE

QUICK = WorkerOptions(poll=0.1, heartbeat=1, silence=30, keeper=5)


class Quiet(WSGIRequestHandler):
    """A test's output is the test's."""

    def log(self, *_: object, **__: object) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Campus:
    """Everything that runs."""

    runtime: Runtime
    app: Flask
    platform: DemoPlatform
    model: ModelServer

    @property
    def tool_url(self) -> str:
        return self.runtime.settings.public_url

    def activity_id(self, kind: PlacementKind) -> int:
        """The activity of the first course that opens a placement of this kind."""
        with transaction(self.runtime.engine) as session:
            placements = {str(one) for one in session.scalars(select(Placement.id).where(Placement.kind == kind))}
        with self.platform.store.transaction() as rows:
            activities = rows.scalars(select(Activity).where(Activity.course_id == 1).order_by(Activity.id)).all()
        return next(one.id for one in activities if one.custom.get("placement") in placements)

    def invitation(self) -> str:
        """The address of the form that registers one platform."""
        with transaction(self.runtime.engine) as session:
            return registration_url(self.runtime.settings, invite(session, self.runtime.secrets))

    def person_id(self, username: str) -> int:
        return SiteVisitor(self.platform.store).person_id(username)


@contextmanager
def running_campus(engine: Engine, secrets: Secrets, settings: Settings) -> Iterator[Campus]:
    """Start all of it, let tool and site know each other, and fill the course as the demo does."""
    with (
        without_recognition(),
        DemoPlatform(engine, host="localhost", private_pem=platform_pem()) as platform,
        ModelServer() as model,
        served(Runtime(settings=settings, engine=engine, secrets=secrets)) as (runtime, app),
        working(runtime),
    ):
        platform.site.wsgi_app = whole(platform.site.wsgi_app)  # type: ignore[method-assign]
        use_model(runtime, url=model.url, model="scripted")
        with transaction(engine) as session:
            write(session, SHOW_PRIVACY_NOTICE, False)
            write(session, BURST_LIMIT, 1000)
            write(session, DAILY_LIMIT, 0)
            # Questions for vectors would take the replies that a test has scripted.
            write(session, EMBEDDING_DEPLOYMENT, "")
        visitor = SiteVisitor(platform.store)
        join(runtime, visitor)
        fill(runtime, visitor)
        until(lambda: _is_filled(engine))
        yield Campus(runtime=runtime, app=app, platform=platform, model=model)


@contextmanager
def without_recognition() -> Iterator[None]:
    """As on a site without the extra: each scanned page would take ten seconds, and no page shows what was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rapidocr", None)
        yield


@contextmanager
def served(runtime: Runtime) -> Iterator[tuple[Runtime, Flask]]:
    """The tool on a port of 127.0.0.1, which its own address names."""
    apps: list[Flask] = []
    handler: type[WSGIRequestHandler] = Quiet
    server = make_server("127.0.0.1", 0, lambda *call: apps[0](*call), threaded=True, request_handler=handler)
    address = f"127.0.0.1:{server.server_port}"
    own = replace(runtime.settings, public_url=f"http://{address}", bind=address, allow_loopback_platforms=True)
    runtime = replace(runtime, settings=own)
    apps.append(create_app(runtime))
    apps[0].wsgi_app = whole(apps[0].wsgi_app)  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield runtime, apps[0]
    apps[0].extensions[NODE].close()
    server.shutdown()
    thread.join()
    server.server_close()


def whole(application: WSGIApplication) -> WSGIApplication:
    """Answers in one piece: werkzeug's server leaves a file open when the browser hangs up in the middle of it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = application(environ, start_response)
        if "HTTP_UPGRADE" in environ:
            return parts
        try:
            return [b"".join(parts)]
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


@contextmanager
def working(runtime: Runtime) -> Iterator[None]:
    """A worker that runs what is queued."""
    load_tasks()
    process = WorkerProcess(runtime=runtime, options=QUICK)
    thread = threading.Thread(target=process.serve, daemon=True)
    thread.start()
    yield
    process.stop_soon()
    thread.join()


def _is_filled(engine: Engine) -> bool:
    """Whether roster and lectures have arrived."""
    with transaction(engine) as session:
        unfinished = _count(session, Source, Source.state != SourceState.SUCCEEDED)
        return unfinished == 0 and _count(session, Membership, Membership.roster_role.is_not(None)) >= 10


def _count(session: Session, row: type[Base], condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(row).where(condition)) or 0


def until(reached: Callable[[], object]) -> None:
    """Look again and again; fails when it never comes true."""
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        if reached():
            return
        pause.wait(0.05)
    raise AssertionError("it did not happen in time")
