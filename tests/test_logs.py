"""Logs are JSON lines without secrets, addresses and other people's words."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from lti_tool.logs import FileLog, JsonLines, accepted_id, redacted, request_id


def logged(message: str, **fields: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"name": "lti_tool.test", "levelname": "INFO", "msg": message, **fields})
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return line


def test_a_line_names_the_event_and_its_fields() -> None:
    line = logged("grade_pushed", attempts=2)
    assert (line["event"], line["level"], line["attempts"]) == ("grade_pushed", "INFO", 2)


def test_a_line_carries_the_id_of_its_request() -> None:
    token = request_id.set("abc-12345")
    try:
        assert logged("anything")["request_id"] == "abc-12345"
    finally:
        request_id.reset(token)


@pytest.mark.parametrize(
    "text",
    [
        "id_token=canary",
        "state: canary&more",
        '{"sesskey": "canary"}',
        "Authorization: Bearer canary-canary",
        "GET /lti/login?login_hint=canary HTTP/1.1",
        "see https://moodle.example/mod/page?id=canary",
        "student@canary.example wrote",
        "eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl-canary",
    ],
)
def test_a_secret_or_an_address_never_reaches_a_log(text: str) -> None:
    assert "canary" not in redacted(text) and "canary" not in json.dumps(logged(text, deep={"er": [text]}))


def test_a_field_with_a_secret_name_is_hidden_whatever_it_holds() -> None:
    assert logged("x", claims={"nonce": 12345})["claims"] == {"nonce": "[hidden]"}


def test_ordinary_words_stay_as_they_are() -> None:
    assert redacted("Is this a question? Yes: 3 of 4 states.") == "Is this a question? Yes: 3 of 4 states."


def test_an_error_is_told_by_kind_and_place_without_its_words() -> None:
    try:
        raise ValueError("Student Canary")
    except ValueError:
        line = logged("defect", exc_info=sys.exc_info())
    assert line["exc_info"].startswith("ValueError at test_logs.py:") and "Canary" not in json.dumps(line)


@pytest.mark.parametrize("given", [None, "", "short", "a" * 65, "new\nline-12345", "<script>1234"])
def test_an_insane_request_id_is_replaced(given: str | None) -> None:
    assert accepted_id(given) != given


def test_a_sane_request_id_is_kept() -> None:
    assert accepted_id("0af7651916cd43dd") == "0af7651916cd43dd"


def test_the_file_log_holds_what_is_severe_enough_and_only_while_it_is_on(tmp_path: Path) -> None:
    file, log = FileLog(), logging.getLogger("lti_tool.test")
    file.apply(tmp_path / "lectern.log", "ERROR")
    log.error("severe")
    log.warning("mild")
    file.apply(None, "ERROR")
    log.error("later")
    lines = (tmp_path / "lectern.log").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["severe"]


def test_a_file_that_wants_everything_gets_what_the_output_does_not(tmp_path: Path) -> None:
    file, log = FileLog(), logging.getLogger("lti_tool.test")
    file.apply(tmp_path / "lectern.log", "DEBUG")
    log.debug("detail")
    file.apply(None, "DEBUG")
    assert "detail" in (tmp_path / "lectern.log").read_text()
    assert logging.getLogger("lti_tool").level == logging.NOTSET
