"""A question over a real socket: who may, what comes back, and what survives a dropped connection or a dead node."""

import threading

import pytest
from sqlalchemy import func, select, text, update

from lti_tool.accounts.models import BoundLaunch
from lti_tool.db import now, transaction
from lti_tool.site_settings.catalogue import BURST_LIMIT
from lti_tool.site_settings.store import write
from lti_tool.tutor.models import Turn
from tests.fakes.model_server import Reply
from tests.fixtures.patience import PATIENCE
from tests.tutor.conftest import Campus

OSMOSIS = "What is osmosis?"
ENDLESS = "word " * 20_000
ANSWER = "Osmosis is **movement of water** [1].\n\nIt needs a membrane [1] and water [9].\n\n```python\nprint(1)\n```\n"


def put_together(events: list[dict]) -> tuple[str, str]:
    """What the page's script would show: the blocks and the tail, each event once."""
    html, tail, seen = "", "", 0
    for event in events:
        assert event["seq"] > seen
        seen = event["seq"]
        html += event.get("html", "")
        tail = event.get("tail", tail) + (event.get("text", "") if event["type"] == "delta" else "")
    return html, tail


def test_an_answer_streams_with_its_citations(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text=ANSWER))
    line = campus.connect(campus.node(), campus.seat())
    key = line.ask(OSMOSIS)
    events = line.until("done")
    html, tail = put_together(events)
    assert (events[0]["type"], events[0]["key"]) == ("accepted", key)
    assert '<a href="#turn-1-source-1" class="citation"' in html and "and water." in html and tail == ""
    cited = next(event for event in events if event["type"] == "citations")["citations"]
    assert [(one["number"], one["title"], one["quotation"][:7]) for one in cited] == [(1, "Cells.pdf", "Osmosis")]
    assert (events[-1]["outcome"], events[-1]["left_today"]) == ("answer", 49)


def test_without_a_model_the_passages_are_quoted_and_said_to_be_quotations(campus: Campus) -> None:
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    events = line.until("done")
    assert [event["type"] for event in events] == ["accepted", "citations", "done"]
    assert events[1]["citations"][0]["quotation"].startswith("Osmosis is the movement")
    assert events[2]["outcome"] == "quotation" and "quotations" in events[2]["text"]
    assert campus.model.requests == []


def test_what_the_course_does_not_say_is_refused_without_asking_a_model(campus: Campus) -> None:
    campus.configure_model()
    line = campus.connect(campus.node(), campus.seat())
    line.ask("Who won the chess championship yesterday?")
    done = line.until("done")[-1]
    assert done["outcome"] == "refusal" and "does not say" in done["text"]
    assert not [request for request in campus.model.requests if "chat" in request.path]


def test_a_model_that_finds_no_answer_refuses_without_showing_its_code_word(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text="NOT_IN_MATERIAL"))
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    events = line.until("done")
    assert [event["type"] for event in events] == ["accepted", "done"]
    assert events[-1]["outcome"] == "refusal"


def test_a_provider_that_fails_is_said_and_the_question_can_be_tried_again(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(status=401), Reply(text=ANSWER))
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    _, quoted, failed = line.until("error")
    assert failed["code"] == "provider_key_refused" and failed["text"]
    assert (quoted["type"], bool(quoted["citations"])) == ("citations", True)
    line.say(type="retry", turn=failed["turn"])
    again = line.until("done")
    assert [again[0]["type"], again[-1]["outcome"]] == ["accepted", "answer"]
    assert again[0]["seq"] > failed["seq"]


def test_the_content_filter_is_said_as_it_is(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(status=400, error={"code": "content_filter"}))
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    *others, failed = line.until("error")
    assert (failed["code"], "content rules" in failed["text"]) == ("content_filter", True)
    assert [event["type"] for event in others] == ["accepted"]


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Cookie", "", 404),
        ("Cookie", "__Host-lectern=browser-of-somebody-else", 404),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
    ],
)
def test_x29_a_stranger_gets_no_socket(campus: Campus, header: str, value: str, status: int) -> None:
    assert campus.handshake(campus.node(), campus.seat(), **{header: value}) == status


def test_x29_an_expired_launch_gets_no_socket(campus: Campus) -> None:
    assert campus.handshake(campus.node(), campus.seat(expires_at=now())) == 403


def test_the_own_page_of_a_launch_gets_its_socket(campus: Campus) -> None:
    assert campus.handshake(campus.node(), campus.seat()) == 101


def test_a_launch_that_expires_closes_its_socket_with_4401(campus: Campus) -> None:
    seat = campus.seat()
    line = campus.connect(campus.node(), seat)
    with transaction(campus.runtime.engine) as session:
        session.execute(update(BoundLaunch).where(BoundLaunch.id == seat.launch_id).values(expires_at=now()))
    line.ask(OSMOSIS)
    assert line.close_code() == 4401


def test_nobody_follows_or_stops_another_persons_turn(campus: Campus) -> None:
    node = campus.node()
    line = campus.connect(node, campus.seat())
    line.ask(OSMOSIS)
    turn = line.until("done")[-1]["turn"]
    for name in ("teacher", "other_student", "outsider"):
        other = campus.connect(node, campus.seat(name))
        for message in ("follow", "stop", "retry"):
            other.say(type=message, turn=turn)
            assert other.hear()["code"] == "turn_unknown"


def test_a_stranger_does_not_stop_a_running_answer_and_hears_nothing_of_it(campus: Campus) -> None:
    campus.configure_model()
    campus.model.rate = 20
    campus.model.reply(Reply(text="word " * 40))
    node = campus.node()
    line = campus.connect(node, campus.seat())
    key = line.ask(OSMOSIS)
    turn = line.until("delta")[-1]["turn"]
    strangers = [campus.connect(node, campus.seat(name)) for name in ("other_student", "outsider")]
    for stranger in strangers:
        for message in ("follow", "stop", "retry"):
            stranger.say(type=message, turn=turn)
            refused = stranger.hear()
            assert (refused["type"], refused["code"], "word" in refused["text"]) == ("refused", "turn_unknown", False)
    assert (line.until("done")[-1]["outcome"], campus.turn().client_key) == ("answer", key)


def test_the_key_of_somebody_elses_question_opens_nothing_of_it(campus: Campus) -> None:
    node = campus.node()
    first, other = campus.connect(node, campus.seat()), campus.connect(node, campus.seat("other_student"))
    first.ask(OSMOSIS, "the-same-key")
    turn = first.until("done")[-1]["turn"]
    other.ask("What is photosynthesis?", "the-same-key")
    assert turn not in {event["turn"] for event in other.until("done")}


@pytest.mark.parametrize("message", ["ask", "follow", "stop", "retry"])
def test_nothing_is_taken_over_a_socket_whose_launch_has_expired(campus: Campus, message: str) -> None:
    seat = campus.seat()
    line = campus.connect(campus.node(), seat)
    line.ask(OSMOSIS)
    turn = line.until("done")[-1]["turn"]
    with transaction(campus.runtime.engine) as session:
        session.execute(update(BoundLaunch).where(BoundLaunch.id == seat.launch_id).values(expires_at=now()))
    line.say(type=message, turn=turn, key="a-new-question", text=OSMOSIS)
    assert line.close_code() == 4401
    assert str(campus.turn().id) == turn


@pytest.mark.parametrize(
    "message", ["{", "[]", "{}", '{"type": "ask"}', '{"type": "follow", "turn": "x"}', '{"type": "ask", "key": 1}']
)
def test_a_malformed_message_is_refused_and_the_socket_stays(campus: Campus, message: str) -> None:
    line = campus.connect(campus.node(), campus.seat())
    line.client.send(message)
    assert line.hear()["type"] == "refused"
    line.ask(OSMOSIS)
    assert line.until("done")


def test_a_limit_is_said_with_the_key_of_the_refused_question(campus: Campus) -> None:
    with transaction(campus.runtime.engine) as session:
        write(session, BURST_LIMIT, 1)
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    line.until("done")
    key = line.ask(OSMOSIS)
    refused = line.hear()
    assert (refused["code"], refused["key"]) == ("burst_limit", key)


def test_a_question_sent_again_after_a_dropped_line_is_answered_once(campus: Campus) -> None:
    node, seat = campus.node(), campus.seat()
    first = campus.connect(node, seat)
    key = first.ask(OSMOSIS)
    first.leave()
    second = campus.connect(node, seat)
    second.ask(OSMOSIS, key)
    assert second.until("done")[0]["key"] == key
    with transaction(campus.runtime.engine) as session:
        assert session.scalar(select(func.count()).select_from(Turn)) == 1


def test_two_tabs_that_send_one_question_see_one_answer(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text=ANSWER))
    node, seat = campus.node(), campus.seat()
    tabs = [campus.connect(node, seat), campus.connect(node, seat)]
    for tab in tabs:
        tab.ask(OSMOSIS, "the-same-key")
    assert put_together(tabs[0].until("done")) == put_together(tabs[1].until("done"))
    assert len([request for request in campus.model.requests if "chat" in request.path]) == 1


def test_two_tabs_cannot_ask_at_once(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text=ANSWER, stall_after=1))
    node, seat = campus.node(), campus.seat()
    first, second = campus.connect(node, seat), campus.connect(node, seat)
    first.ask(OSMOSIS)
    first.until("delta")
    second.ask(OSMOSIS)
    assert second.hear()["code"] == "turn_running"


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_dropped_line_gets_the_rest_from_any_node(campus: Campus, nodes: int) -> None:
    campus.configure_model()
    campus.model.rate = 40
    campus.model.reply(Reply(text=ANSWER * 5))
    served, seat = [campus.node() for _ in range(nodes)], campus.seat()
    first = campus.connect(served[0], seat)
    first.ask(OSMOSIS)
    seen = first.until("delta")
    first.leave()
    second = campus.connect(served[-1], seat)
    second.say(type="follow", turn=seen[-1]["turn"], after=seen[-1]["seq"])
    html, tail = put_together([*seen, *second.until("done")])
    assert (html.count("<pre>"), tail) == (5, "")
    assert html == "".join(campus.stored_blocks())


def test_whoever_saw_all_gets_nothing_more(campus: Campus) -> None:
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    done = line.until("done")[-1]
    line.say(type="follow", turn=done["turn"], after=done["seq"])
    line.say(type="follow", turn=done["turn"], after=done["seq"] - 1)
    assert line.hear() == done


def test_an_answer_is_finished_although_nobody_watches(campus: Campus) -> None:
    campus.configure_model()
    campus.model.rate = 100
    campus.model.reply(Reply(text=ANSWER))
    node, seat = campus.node(), campus.seat()
    line = campus.connect(node, seat)
    line.ask(OSMOSIS)
    turn = line.hear()["turn"]
    line.leave()
    later = campus.connect(campus.node(), seat)
    later.say(type="follow", turn=turn, after=0)
    assert later.until("done")[-1]["outcome"] == "answer"


def test_a_stop_keeps_what_was_written(campus: Campus) -> None:
    campus.configure_model()
    campus.model.rate = 50
    campus.model.reply(Reply(text=ENDLESS))
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    turn = line.until("delta")[-1]["turn"]
    line.say(type="stop", turn=turn)
    done = line.until("done")[-1]
    assert (done["outcome"], done["text"]) == ("cancelled", "You stopped this answer.")
    assert campus.turn().answer_markdown.startswith("word")
    assert campus.model.hung_up.wait(PATIENCE)


def test_a_stop_reaches_the_node_that_answers(campus: Campus) -> None:
    campus.configure_model()
    campus.model.rate = 50
    campus.model.reply(Reply(text=ENDLESS))
    seat = campus.seat()
    line = campus.connect(campus.node(), seat)
    line.ask(OSMOSIS)
    turn = line.until("delta")[-1]["turn"]
    campus.connect(campus.node(), seat).say(type="stop", turn=turn)
    assert line.until("done")[-1]["outcome"] == "cancelled"


def test_a_turn_whose_node_died_fails_after_its_lease_and_can_be_tried_again(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text=ANSWER, stall_after=2), Reply(text=ANSWER))
    dying, living, seat = campus.node(), campus.node(), campus.seat()
    first = campus.connect(dying, seat)
    first.ask(OSMOSIS)
    seen = first.until("delta")[-1]
    dying.tutor.close()
    campus.expire_leases()
    second = campus.connect(living, seat)
    second.say(type="follow", turn=seen["turn"], after=seen["seq"])
    failed = second.until("error")[-1]
    assert (failed["code"], campus.turn().state) == ("node_lost", "failed")
    second.say(type="retry", turn=seen["turn"])
    assert second.until("done")[-1]["outcome"] == "answer"


def test_a_node_that_lost_its_lease_writes_nothing_more(campus: Campus) -> None:
    campus.configure_model()
    campus.model.rate = 20
    campus.model.reply(Reply(text=ENDLESS))
    node, seat = campus.node(), campus.seat()
    line = campus.connect(node, seat)
    line.ask(OSMOSIS)
    line.until("delta")
    campus.take_turns_away()
    assert line.until("error")[-1]["code"] == "node_lost"
    assert (campus.turn().state, campus.turn().error_code) == ("failed", "node_lost")


def test_no_connection_to_the_database_is_held_while_an_answer_streams(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text=ANSWER, stall_after=1))
    node = campus.node()
    line = campus.connect(node, campus.seat())
    line.ask(OSMOSIS)
    line.until("delta")
    node.tutor.close()
    # It has a connection when it saves, which it does once a second and may be doing now.
    for keeper in [thread for thread in threading.enumerate() if thread.name == "tutor-keeper"]:
        keeper.join()
    assert campus.runtime.engine.pool.checkedout() == 0


def test_nobody_is_named_to_the_model(campus: Campus) -> None:
    campus.configure_model()
    line = campus.connect(campus.node(), campus.seat())
    line.ask("Is osmosis explained to Student Canary (student@canary.example, 000000000004)?")
    line.until("done")
    assert "canary" not in campus.model.wire.lower().replace("sk-canary", "")
    assert "000000000004" not in campus.model.wire


def test_a_database_that_goes_away_leaves_nobody_waiting(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text="word " * 10, hold_after=5))
    line = campus.connect(campus.node(), campus.seat())
    line.ask(OSMOSIS)
    line.until("delta")
    with campus.runtime.engine.begin() as connection:
        connection.execute(text("ALTER TABLE turn_frame RENAME TO turn_frame_away"))
    campus.model.go_on.set()
    assert line.until("error")[-1]["code"] == "node_lost"
