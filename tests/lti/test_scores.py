"""One score: what is sent, letter by letter, and what each answer means."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lti_tool.lti.scores import Outcome, Score, send_score
from tests.fakes.services import SCORE, Canned, FakeServices
from tests.fixtures.people import House
from tests.fixtures.services import Connect

AT = datetime(2026, 3, 1, 12, 0, 5, 999_000, tzinfo=UTC)


def score(**changes: object) -> Score:
    values = {"user_id": "4", "points": Decimal("7.500"), "maximum": Decimal(10), "comment": "Goed — “ja”"}
    return Score(**(values | {"timestamp": AT} | changes))  # type: ignore[arg-type]  # values of a test


def test_the_score_is_one_line_without_spaces(connect: Connect, moodle: FakeServices) -> None:
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.ACCEPTED
    sent = moodle.received("scores")[0]
    assert sent.headers["content-type"] == SCORE
    assert sent.body == (
        '{"scoreGiven":7.5,"scoreMaximum":10,"activityProgress":"Completed","gradingProgress":"FullyGraded",'
        '"timestamp":"2026-03-01T12:00:05+00:00","userId":"4","comment":"Goed — “ja”"}'
    )


def test_an_empty_comment_is_sent_as_well(connect: Connect, moodle: FakeServices) -> None:
    send_score(connect(), moodle.line_item_url(), score(comment=""))
    assert json.loads(moodle.received("scores")[0].body)["comment"] == ""


def test_a_score_of_nothing_is_sent(connect: Connect, moodle: FakeServices) -> None:
    send_score(connect(), moodle.line_item_url(), score(points=Decimal(0)))
    assert json.loads(moodle.received("scores")[0].body)["scoreGiven"] == 0


@pytest.mark.parametrize(
    "status, outcome",
    [
        (400, Outcome.REFUSED),
        (403, Outcome.GONE),
        (404, Outcome.GONE),
        (409, Outcome.CONFLICT),
        (422, Outcome.REFUSED),
        (429, Outcome.BUSY),
        (500, Outcome.BROKEN),
        (502, Outcome.UNKNOWN),
        (503, Outcome.UNKNOWN),
        (504, Outcome.UNKNOWN),
        (520, Outcome.UNKNOWN),
    ],
)
def test_each_status_has_its_meaning(connect: Connect, moodle: FakeServices, status: int, outcome: Outcome) -> None:
    moodle.answer_next("POST", "scores", Canned(status, "[]"))
    answer = send_score(connect(), moodle.line_item_url(), score())
    assert (answer.outcome, answer.code) == (outcome, status)


def test_a_connection_cut_after_the_request_leaves_open_what_happened(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("POST", "scores", Canned(hang_up=True, after=True))
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.UNKNOWN
    assert moodle.scores_of("4") == [7.5]


def test_a_body_with_success_is_failure_in_moodle_alone(
    connect: Connect, moodle: FakeServices, connected: House
) -> None:
    moodle.answer_next("POST", "scores", Canned(200, "[]"), Canned(201, "{}"))
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.IGNORED
    connected.platform.product_family = "open-edx"
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.ACCEPTED


def test_white_space_is_an_empty_body(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("POST", "scores", Canned(200, " \n"))
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.ACCEPTED


def test_a_refused_token_is_a_matter_of_the_registration(connect: Connect, moodle: FakeServices) -> None:
    moodle.answer_next("POST", "token", Canned(400, '{"error":"invalid_scope"}'))
    assert send_score(connect(), moodle.line_item_url(), score()).outcome is Outcome.UNAUTHORISED
