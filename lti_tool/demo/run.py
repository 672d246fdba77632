"""`lectern demo`: database, course site, web server and worker on this machine, until Ctrl-C.

Everything it keeps lies in `demo` under the data folder, apart from a real installation and from DATABASE_URL.
"""

import shutil
import signal
import time
from contextlib import ExitStack
from dataclasses import replace
from types import FrameType
from urllib.parse import urlsplit

import click
from sqlalchemy import Engine

from lti_tool.config import Settings
from lti_tool.database_check import check_database
from lti_tool.db import engine_for, transaction
from lti_tool.demo.exam.holding import hold_exam
from lti_tool.demo.filling import fill
from lti_tool.demo.joining import join, use_model
from lti_tool.demo.ports import LISTEN, take_ports
from lti_tool.demo.processes import Processes, running
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.store import prepare
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.embedded_postgres import EmbeddedPostgres, remove_database
from lti_tool.embedded_postgres.postmaster import find_postmaster
from lti_tool.embedded_postgres.storage import database_home
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files.drawing import can_draw
from lti_tool.migrate import upgrade
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets

LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def run_demo(settings: Settings, *, model_url: str = "", model: str = "") -> None:
    """Start everything, fill it the first time, print one address and wait; returns after Ctrl-C or SIGTERM."""
    if bool(model_url) != bool(model):
        raise InvalidInput("setting_malformed", "A model needs both its address and its name.")
    _require_loopback(settings)
    _interrupt_on_signals()
    try:
        with ExitStack() as stack:
            platform, processes = _start(stack, settings, model_url=model_url, model=model)
            click.echo(f"\nLectern's demo course is ready: {platform.url}/\n\nCtrl-C stops it; what you do is kept.")
            _wait(processes)
    except KeyboardInterrupt:
        click.echo("The demo has stopped.")


def reset_demo(settings: Settings) -> None:
    """Delete everything the demo keeps; raises ToolError while it runs."""
    home = settings.data_dir / "demo"
    if not home.exists():
        return
    cluster = database_home(home.resolve()) / "postgres"
    if find_postmaster(cluster):
        # A demo that was killed has left its server: being its only user now, we stop it by leaving.
        EmbeddedPostgres.start(home).stop()
    if find_postmaster(cluster):
        raise ToolError("demo_running", "The demo is running. Stop it first, with Ctrl-C.")
    remove_database(home)
    shutil.rmtree(home, ignore_errors=True)


def _start(stack: ExitStack, settings: Settings, *, model_url: str, model: str) -> tuple[DemoPlatform, Processes]:
    home = settings.data_dir / "demo"
    click.echo("Starting the database ...")
    home.mkdir(parents=True, exist_ok=True)
    database = stack.enter_context(EmbeddedPostgres.start(home))
    engine = engine_for(database.url)
    stack.callback(engine.dispose)
    check_database(engine)
    upgrade(engine)
    prepare(engine)
    runtime, platform = _both(engine, settings)
    stack.enter_context(platform)
    click.echo("Starting the tool ...")
    processes = stack.enter_context(running(runtime.settings, database.url))
    if model:
        use_model(runtime, url=model_url, model=model)
    visitor = SiteVisitor(platform.store)
    join(runtime, visitor)
    fill(runtime, visitor)
    if can_draw():
        hold_exam(runtime, visitor)
    else:
        click.echo("The paper exam stays without papers: Pango, which draws them, is missing in this system.")
    return platform, processes


def _both(engine: Engine, settings: Settings) -> tuple[Runtime, DemoPlatform]:
    with transaction(engine) as session:
        ports = take_ports(session, urlsplit(f"//{settings.bind}").port or 8000)
    address = f"{LISTEN}:{ports.tool}"
    own = replace(
        settings,
        public_url=f"http://{address}",
        bind=address,
        database_url=None,
        data_dir=settings.data_dir / "demo",
        keys_dir=settings.data_dir / "demo" / "keys",
        allow_loopback_platforms=True,
        trusted_proxies=0,
    )
    runtime = Runtime(settings=own, engine=engine, secrets=load_secrets(own.keys_dir))
    return runtime, DemoPlatform(engine, port=ports.site)


def _require_loopback(settings: Settings) -> None:
    """There are no passwords on the course site, so nobody else may reach it."""
    if urlsplit(f"//{settings.bind}").hostname not in LOOPBACK:
        raise InvalidInput("setting_malformed", "The demo listens on 127.0.0.1 alone: LECTERN_BIND names another host.")


def _wait(processes: Processes) -> None:
    while True:
        processes.check()
        time.sleep(1)


def _interrupt_on_signals() -> None:
    """The first signal unwinds what was started, in order; a second one must not cut that short."""

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
