"""One line a request, without what its address carries."""

import logging

import pytest
from flask import Flask


def test_a_request_is_logged_by_its_pattern(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lti_tool.web.request_log"):
        app.test_client().get("/nowhere/canary?state=canary")
    (record,) = [found for found in caplog.records if found.message == "request"]
    assert record.status == 404 and "canary" not in str(record.__dict__)  # type: ignore[attr-defined]


def test_a_request_keeps_the_id_its_proxy_gave_it(app: Flask) -> None:
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": "0af7651916cd43dd"})
    assert answer.headers["X-Request-ID"] == "0af7651916cd43dd"


def test_a_request_without_a_sane_id_gets_one(app: Flask) -> None:
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": "x y"})
    assert len(answer.headers["X-Request-ID"]) == 16
