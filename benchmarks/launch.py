"""One complete launch beside a bare Flask app on PyLTI1p3's stock classes (targets.md).

    python -m benchmarks.launch [--rounds 100] [--no-load]

Ours: login, launch, first page, on PostgreSQL, storing, checking and auditing. Stock: login and launch, state in the
session cookie, once with the platform's key set in its configuration (its cheapest way; no tool in use can do that),
once fetching it as its documentation shows. Same tokens, a fresh browser each time, alternating; CPU time of this
process, medians of the rounds. The CPU of the database server and of the platform's key set is not in it.
The first page is the tutor's before the first question, its notice read. Then launches under load: `launch_load`.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet
from flask import Flask, request, session
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from benchmarks.launch_load import under_load
from benchmarks.schema import make_schema
from benchmarks.stream import Processes, free_port, serve_tool
from lti_tool.accounts.models import PlacementKind
from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.db import engine_for, now
from lti_tool.embedded_postgres import EmbeddedPostgres
from lti_tool.lti.models import PlatformKeySet
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets
from lti_tool.server import WebServer
from lti_tool.site_settings.catalogue import PRIVACY_NOTICE
from lti_tool.site_settings.store import read
from lti_tool.tutor.models import NoticeAcceptance
from lti_tool.tutor.notice import version_of
from tests.fakes.platform import LEARNER, LTI, FakePlatform
from tests.fixtures.people import House, build_house

ORIGIN = "http://127.0.0.1:8000"
TARGET = f"{ORIGIN}/lti/launch"
MOST_RATIO, MOST_MILLISECONDS = 1.5, 12.0
WARM_UP = 10


def stock_app(platform: FakePlatform, target: str = TARGET, **keys: Any) -> Flask:
    """What the library's documentation shows; `keys` is `key_set` or `key_set_url`."""
    app = Flask("stock")
    app.secret_key = "benchmark"
    registration = {
        "default": True,
        "client_id": platform.client_id,
        "auth_login_url": "http://platform.test/auth",
        "auth_token_url": "http://platform.test/token",
        "deployment_ids": [platform.deployment_id],
    } | keys
    config = ToolConfDict({platform.issuer: [registration]})

    @app.post("/lti/login")
    def login() -> Any:
        return FlaskOIDCLogin(FlaskRequest(), config).redirect(target)

    @app.post("/lti/launch")
    def launch() -> Any:
        message = FlaskMessageLaunch(FlaskRequest(), config)
        session["name"] = message.get_launch_data().get("name")
        assert request.form["state"]
        return "launched"

    return app


@dataclass(kw_only=True)
class Spent:
    """CPU milliseconds of the legs of one launch on the tool's side."""

    login: float
    launch: float
    page: float

    @property
    def total(self) -> float:
        return self.login + self.launch + self.page


def timed(call: Callable[[], TestResponse]) -> tuple[TestResponse, float]:
    begin = time.process_time()
    response = call()
    return response, (time.process_time() - begin) * 1000


def launch_once(app: Flask, platform: FakePlatform, sub: str, link: str) -> Spent:
    """One launch in a fresh browser (stock sessions grow with each launch); follows the redirect if there is one."""
    client = app.test_client()
    form = {"iss": platform.issuer, "client_id": platform.client_id, "login_hint": sub, "target_link_uri": TARGET}
    form["lti_deployment_id"] = platform.deployment_id
    response, login = timed(lambda: client.post("/lti/login", data=form, base_url=ORIGIN))
    query = parse_qs(urlsplit(response.location).query)
    link_claim = {f"{LTI}resource_link": {"id": link, "title": "Ask"}}
    claims = platform.claims(sub, [LEARNER], query["nonce"][0], TARGET, **link_claim)
    answer = {"state": query["state"][0], "id_token": platform.sign(claims)}
    response, launch = timed(lambda: client.post("/lti/launch", data=answer, base_url=ORIGIN))
    if response.status_code == 200:
        return Spent(login=login, launch=launch, page=0)
    address = response.location
    response, page = timed(lambda: client.get(address, base_url=ORIGIN))
    assert response.status_code == 200, response.text
    return Spent(login=login, launch=launch, page=page)


def committed_house(runtime: Runtime, platform: FakePlatform) -> House:
    with Session(runtime.engine, expire_on_commit=False) as opened:
        house = build_house(opened)
        moment = now()
        opened.add(
            PlatformKeySet(
                registration_id=house.registration.id,
                keys=platform.jwks["keys"],
                fetched_at=moment,
                fresh_until=moment + timedelta(hours=1),
                last_refetch_at=moment,
            )
        )
        opened.commit()
        return house


def read_notice(runtime: Runtime, house: House) -> None:
    """A student meets the notice once; the page that comes after it is the usual one, and asks for more."""
    with Session(runtime.engine) as opened:
        version = version_of(read(opened, PRIVACY_NOTICE).strip())
        opened.add(NoticeAcceptance(person_id=house.student.id, text_version=version, accepted_at=now()))
        opened.commit()


def compare(runtime: Runtime, platform: FakePlatform, house: House, key_set_url: str, rounds: int) -> None:
    link = house.links[PlacementKind.TUTOR].resource_link_id
    apps = {
        "ours": create_app(runtime),
        "stock, keys fetched": stock_app(platform, key_set_url=key_set_url),
        "stock, keys configured": stock_app(platform, key_set=platform.jwks),
    }
    spent: dict[str, list[Spent]] = {name: [] for name in apps}
    for round_number in range(rounds + WARM_UP):
        for name, app in apps.items():
            once = launch_once(app, platform, house.student.sub, link)
            if round_number >= WARM_UP:
                spent[name].append(once)
    totals = {name: statistics.median(one.total for one in all_of_it) for name, all_of_it in spent.items()}
    for name, all_of_it in spent.items():
        legs = (statistics.median(getattr(one, leg) for one in all_of_it) for leg in ("login", "launch", "page"))
        print(f"{name:24} {totals[name]:6.2f} ms CPU  (login {{:.2f}}, launch {{:.2f}}, page {{:.2f}})".format(*legs))
    for name in list(apps)[1:]:
        print(f"ratio to {name:22} {totals['ours'] / totals[name]:.2f} (target {MOST_RATIO})")
    print(f"under {MOST_MILLISECONDS} ms: {'yes' if totals['ours'] < MOST_MILLISECONDS else 'NO'}")


def serve(pipe: Connection, jwks: Any) -> None:
    """The key set, in a process of its own so that its CPU is not counted."""
    with FakePlatform() as platform:
        platform.jwks = jwks
        pipe.send(platform.key_set_url)
        pipe.recv()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--no-load", action="store_true")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres.start(Path(folder), fast=True) as server, FakePlatform() as platform:
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.get_context("spawn").Process(target=serve, args=[theirs, platform.jwks])
            process.start()
            engine = engine_for(server.url)
            make_schema(engine)
            secrets = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
            settings = Settings.from_env({"LECTERN_DATA_DIR": folder})
            runtime = Runtime(settings=settings, engine=engine, secrets=secrets)
            house = committed_house(runtime, platform)
            read_notice(runtime, house)
            compare(runtime, platform, house, ours.recv(), chosen.rounds)
            engine.dispose()
            ours.send(None)
            process.join()
            if not chosen.no_load:
                load(server.url, folder, platform, house)


def load(database_url: str, folder: str, platform: FakePlatform, house: House) -> None:
    link = house.links[PlacementKind.TUTOR].resource_link_id
    places = {"DATABASE_URL": database_url, "LECTERN_DATA_DIR": folder, "LECTERN_KEYS_DIR": f"{folder}/keys"}
    port, settings = load_settings(places)
    with Processes(serve_tool, settings, port=port) as tool:
        print("\nours under load")
        under_load(tool, platform, link, launched=303)
    port, settings = load_settings(places)
    with Processes(serve_stock, settings, platform.jwks, port=port) as stock:
        print("\nstock, keys configured, under the same load (no page of its own)")
        under_load(stock, platform, link, launched=200)


def load_settings(places: dict[str, str]) -> tuple[int, Settings]:
    port = free_port()
    addresses = {"LECTERN_PUBLIC_URL": f"http://127.0.0.1:{port}", "LECTERN_BIND": f"127.0.0.1:{port}"}
    rest = {"LECTERN_WEB_WORKERS": "2", "LECTERN_LOG_LEVEL": "WARNING"}
    return port, Settings.from_env(addresses | places | rest)


def serve_stock(settings: Settings, jwks: Any) -> None:
    """In the same web server with the same threads."""
    WebServer(settings, lambda: stock_app(FakePlatform(), f"{settings.public_url}/lti/launch", key_set=jwks)).run()


if __name__ == "__main__":
    main()
