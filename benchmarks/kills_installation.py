"""The whole tool as an operator runs it, beside a course site, to be killed at any moment (benchmarks/kills.py)."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO

import requests
from flask import Response, request
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source
from lti_tool.accounts.models import Course, Membership
from lti_tool.config import PROJECT_ROOT, Settings
from lti_tool.db import engine_for, now, transaction
from lti_tool.demo.joining import TEACHER, join, placed_activities, use_model
from lti_tool.demo.models import CourseRole, Enrolment, Person
from lti_tool.demo.processes import environment_of
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.jobs.schedule import get_scheduled, run_soon
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets
from lti_tool.site_settings.catalogue import BURST_LIMIT, DAILY_LIMIT, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.ports import quiet_port

PATIENCE = 300
LAST_WORDS = 3000
TEXT = "Osmosis is the movement of water through a membrane that keeps back what is dissolved in it."
ANSWER = "Osmosis is the **movement of water** through a membrane [1]. " * 3
FIRST_NUMBER = 230521100501


class Target(StrEnum):
    """What a kill hits."""

    WEB = "web master and workers"
    WEB_WORKER = "one web worker"
    JOBS = "jobs worker"


class Model(ModelServer):
    """Answers every question alike, a word at a time."""

    def next_reply(self, *, is_streamed: bool = False) -> Reply:
        return Reply(text=ANSWER)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A score that the course site took."""

    item_id: int
    person_id: int
    points: float
    comment: str


class Site(DemoPlatform):
    """The course site; it counts each score that it took."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.arrivals: Counter[Arrival] = Counter()
        self.site.after_request(self._count)

    def _count(self, answer: Response) -> Response:
        if request.endpoint == "services.receive_score" and answer.status_code == 200:
            score = request.get_json(force=True)
            person_id, item_id = int(score["userId"]), (request.view_args or {})["item_id"]
            self.arrivals[
                Arrival(item_id=item_id, person_id=person_id, points=score["scoreGiven"], comment=score["comment"])
            ] += 1
        return answer


class Installation:
    """Web server, worker, course site and model on one database; `stop` ends what still runs."""

    def __init__(self, url: str, folder: Path, *, reads_print: bool = True) -> None:
        port = quiet_port()
        environment = {
            "LECTERN_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "LECTERN_BIND": f"127.0.0.1:{port}",
            "LECTERN_DATA_DIR": str(folder / "data"),
            "LECTERN_KEYS_DIR": str(folder / "keys"),
            "LECTERN_ALLOW_LOOPBACK_PLATFORMS": "yes",
            "LECTERN_WEB_WORKERS": "2",
            "LECTERN_WEB_THREADS": "64",
        }
        (folder / "data").mkdir(parents=True, exist_ok=True)
        self.engine = engine_for(url)
        settings = replace(Settings.from_env(environment), database_url=url)
        self.runtime = Runtime(settings=settings, engine=self.engine, secrets=load_secrets(settings.keys_dir))
        self.environment = environment_of(settings, url) | ({} if reads_print else without_recognition(folder))
        self.site, self.model = Site(self.engine), Model(rate=60, delay=0.1, record=False)
        self.started: dict[str, datetime] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = folder / "tool.log"
        self.url = settings.public_url

    def start(self, students: int) -> None:
        """Everything runs, the course has its people, its activities and something to ask about."""
        self.site.__enter__()
        self.model.__enter__()
        enrol(self.site, students)
        for name in ("serve", "worker"):
            self.run(name)
        self.wait_for_web()
        visitor = SiteVisitor(self.site.store)
        use_model(self.runtime, url=self.model.url, model="scripted")
        join(self.runtime, visitor)
        visitor.launch_as(TEACHER, placed_activities(self.site.store)[0].id)
        with transaction(self.engine) as session:
            prepare(session)
        self.wait_until(lambda: self.count_members() >= students, "the roster did not come")

    def run(self, name: str) -> None:
        self.started[name] = now()
        with self.log.open("ab") as log:
            self.processes[name] = start_command(name, self.environment, log)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(PATIENCE)
        self.model.__exit__()
        self.site.__exit__(None, None, None)
        self.engine.dispose()

    def strike(self, target: Target, chance: float) -> None:
        """kill -9, and start again what nobody else starts."""
        if target is Target.WEB_WORKER:
            children = children_of(self.processes["serve"].pid)
            if children:
                os.kill(children[int(chance * len(children))], signal.SIGKILL)
            return
        name = "serve" if target is Target.WEB else "worker"
        known = self.worker_ids()
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()
        self.run(name)
        if target is Target.WEB:
            self.wait_for_web()
        else:
            self.wait_until(lambda: bool(self.worker_ids() - known), "the worker did not start")

    def wait_for_web(self) -> None:
        self.wait_until(self.is_web_ready, "the web server did not start")

    def wait_until(self, is_so: Callable[[], bool], complaint: str, patience: float = PATIENCE) -> None:
        """Ask again and again; raises RuntimeError with the last words of the tool."""
        deadline = time.monotonic() + patience
        while not is_so():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{complaint}:\n{self.log.read_text(encoding='utf-8')[-LAST_WORDS:]}")
            time.sleep(0.05)

    def is_web_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def worker_ids(self) -> set[int]:
        with transaction(self.engine) as session:
            return set(session.scalars(text("SELECT id FROM procrastinate_workers")))

    def count_members(self) -> int:
        with transaction(self.engine) as session:
            return session.scalar(select(func.count()).select_from(Membership)) or 0


def prepare(session: Session) -> None:
    """Nothing in the way of many questions; one page to ask about; the roster at once."""
    write(session, SHOW_PRIVACY_NOTICE, False)
    write(session, DAILY_LIMIT, 0)
    write(session, BURST_LIMIT, 1000)
    add_source(session, session.scalars(select(Course.id)).one(), [TEXT])
    run_soon(get_scheduled(session, "course.sync_new_rosters"))


def enrol(site: Site, students: int) -> None:
    with site.store.transaction() as rows:
        for number in range(students):
            name = {"username": f"s{number}", "given_name": "Student", "family_name": f"Number {number}"}
            person = Person(**name, email=f"s{number}@example.org", idnumber=register_number(number))
            rows.add(person)
            rows.flush()
            rows.add(Enrolment(course_id=1, person_id=person.id, role=CourseRole.STUDENT))


def register_number(number: int) -> str:
    return str(FIRST_NUMBER + number)


def without_recognition(folder: Path) -> dict[str, str]:
    """As on a site without the extra `ocr`: it takes ten seconds of CPU time for each scanned page."""
    (folder / "sitecustomize.py").write_text('import sys\nsys.modules["rapidocr"] = None\n', encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def start_command(name: str, environment: dict[str, str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
    """A group of its own, so that a kill hits all of it and nothing else."""
    return subprocess.Popen(
        [sys.executable, "-m", "lti_tool", name],
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
