"""The pages that machines read, and who may read the numbers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.app import create_app
from lti_tool.content.extraction.recognition import is_installed, runs_networks
from lti_tool.db import engine_for, now, transaction
from lti_tool.jobs.registry import task
from lti_tool.llm.models import LlmCall, Outcome
from lti_tool.migrate import migration_scripts
from lti_tool.runtime import Runtime
from lti_tool.web.health.metrics import count_sockets


@task("tests.measured", queue="measured")
def measured(runtime: Runtime) -> None:
    """Do nothing."""


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def client_of(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def stamp_schema(runtime: Runtime, revision: str) -> None:
    with transaction(runtime.engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_living_process_says_so(visitor: FlaskClient) -> None:
    said = visitor.get("/healthz").json
    assert said == {"status": "live", "text_recognition": is_installed(), "handwriting": runs_networks()}


def test_a_node_is_ready_with_the_whole_schema(committed_runtime: Runtime) -> None:
    head = migration_scripts().get_current_head()
    assert head is not None
    stamp_schema(committed_runtime, head)
    answer = client_of(committed_runtime).get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")


def test_a_node_with_another_schema_is_not_ready(committed_runtime: Runtime) -> None:
    stamp_schema(committed_runtime, "0001")
    answer = client_of(committed_runtime).get("/readyz")
    assert (answer.status_code, answer.json["database"], answer.json["migrations"]) == (503, True, False)


def test_a_node_without_its_database_is_not_ready_but_lives(committed_runtime: Runtime) -> None:
    missing = committed_runtime.engine.url.set(database="missing").render_as_string(hide_password=False)
    lost = client_of(replace(committed_runtime, engine=engine_for(missing)))
    assert lost.get("/readyz").status_code == 503
    assert lost.get("/healthz").status_code == 200


def test_metrics_count_requests_by_pattern_and_status(visitor: FlaskClient) -> None:
    visitor.get("/no-such-page?name=canary")
    page = visitor.get("/metrics").text
    assert 'lectern_requests_total{endpoint="unknown",status="404"}' in page and "canary" not in page


def test_metrics_tell_the_queue_and_the_model(visitor: FlaskClient, session: Session) -> None:
    measured.enqueue(session)
    call = LlmCall(
        feature="tutor",
        purpose="answer",
        model="m",
        prompt_tokens=7,
        completion_tokens=2,
        duration_ms=1,
        outcome=Outcome.SUCCEEDED,
        cost_micros=3,
        created_at=now(),
    )
    session.add(call)
    session.flush()
    page = visitor.get("/metrics").text
    assert 'lectern_jobs{queue="measured",state="waiting"} 1.0' in page
    assert 'lectern_model_tokens_last_hour{kind="prompt"} 7.0' in page
    assert 'lectern_breakers{state="open"} 0.0' in page


def test_metrics_are_closed_to_other_machines(visitor: FlaskClient) -> None:
    assert visitor.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 403


def test_metrics_are_closed_to_what_a_proxy_on_this_machine_passes_on(visitor: FlaskClient) -> None:
    assert visitor.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@pytest.mark.parametrize(("given", "status"), [("Bearer right", 200), ("Bearer wrong", 403), ("", 403)])
def test_with_a_token_only_the_token_opens_metrics(runtime: Runtime, given: str, status: int) -> None:
    closed = client_of(replace(runtime, settings=replace(runtime.settings, metrics_token="right")))
    assert closed.get("/metrics", headers={"Authorization": given}).status_code == status


def test_metrics_tell_how_many_sockets_are_open(visitor: FlaskClient) -> None:
    count_sockets(3)
    assert "lectern_open_sockets 3.0" in visitor.get("/metrics").text
    count_sockets(0)


SHARING = """
import os, pathlib, sys
from lti_tool.web.health import metrics

metrics.share_counts(pathlib.Path(sys.argv[1]) / "counts")
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        metrics.count_request("page", 200, 0.1)
        metrics.count_sockets(2)
        os._exit(0)
    children.append(child)
    os.waitpid(child, 0)
metrics.forget_process(children[0])
print(metrics.generate_latest(metrics._counted()).decode())
"""


def test_processes_that_share_their_counts_are_added_up(tmp_path: Path) -> None:
    """In processes of their own: how to count is chosen once for the life of a process."""
    command = [sys.executable, "-c", SHARING, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert 'lectern_requests_total{endpoint="page",status="200"} 3.0' in printed
    assert "lectern_open_sockets 4.0" in printed
