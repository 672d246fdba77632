"""A streamed answer arrives with its usage; every way it can fail has its own code."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import ModelFailed, NotAllowed
from lti_tool.llm import dialect
from lti_tool.llm.chat import ChatModel, Delta, Message, chat_model
from lti_tool.llm.door import Door
from lti_tool.llm.models import LlmCall
from lti_tool.llm.usage import Usage
from lti_tool.site_settings.catalogue import (
    ALLOWED_HOSTS,
    COMPLETION_PRICE,
    ENABLED,
    ENDPOINT,
    MAX_TOKENS,
    PROMPT_PRICE,
    PROVIDER_KIND,
    TEMPERATURE,
    ProviderKind,
)
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.patience import PATIENCE
from tests.fixtures.people import House
from tests.llm.conftest import QUESTION, caller

FILTERED = {"code": "content_filter", "message": "The response was filtered"}


@pytest.fixture(autouse=True)
def _forget_dialects() -> None:
    dialect._learnt.clear()


def answer(chat: ChatModel, messages: list[Message] = QUESTION) -> tuple[str, Usage]:
    *deltas, usage = chat.stream(messages)
    assert isinstance(usage, Usage)
    return "".join(delta.text for delta in deltas if isinstance(delta, Delta)), usage


def failure(chat: ChatModel) -> str:
    with pytest.raises(ModelFailed) as caught:
        answer(chat)
    return caught.value.code


def recorded(session: Session) -> LlmCall:
    return session.scalars(select(LlmCall)).one()


def test_an_answer_streams_word_for_word_with_its_usage(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text="A leaf is green – *grün*."))
    text, usage = answer(chat)
    assert text == "A leaf is green – *grün*."
    assert usage == Usage(prompt_tokens=4, completion_tokens=6, model="fake-chat")


def test_the_request_holds_what_the_settings_say(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, MAX_TOKENS, 99)
    write(session, TEMPERATURE, TEMPERATURE.kind.parse("0.5"))
    answer(chat)
    sent = configured.requests[0]
    assert (sent.path, sent.headers["Authorization"]) == ("/v1/chat/completions", "Bearer sk-canary")
    assert sent.content["model"] == "fake-chat"
    assert (sent.content["max_tokens"], sent.content["temperature"]) == (99, 0.5)


def test_azure_is_asked_in_its_own_way(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, PROVIDER_KIND, ProviderKind.AZURE)
    answer(chat)
    sent = configured.requests[0]
    assert sent.path.endswith("/openai/deployments/fake-chat/chat/completions?api-version=2024-08-01-preview")
    assert sent.headers["api-key"] == "sk-canary" and "Authorization" not in sent.headers


def test_a_call_is_recorded_with_its_cost_and_without_its_text(
    chat: ChatModel, configured: ModelServer, session: Session
) -> None:
    write(session, PROMPT_PRICE, PROMPT_PRICE.kind.parse("2.5"))
    write(session, COMPLETION_PRICE, COMPLETION_PRICE.kind.parse("10"))
    configured.reply(Reply(text="one two three"))
    answer(chat)
    call = recorded(session)
    assert (call.outcome, call.prompt_tokens, call.completion_tokens, call.cost_micros) == ("succeeded", 4, 3, 40)
    assert "leaf" not in str(vars(call)) and call.first_token_ms is not None


def test_without_counts_the_usage_is_estimated(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text="12345678", usage=False))
    assert answer(chat)[1] == Usage(prompt_tokens=4, completion_tokens=2, is_estimated=True, model="fake-chat")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=401), "provider_key_refused"),
        (Reply(status=404), "provider_error"),
        (Reply(status=400, error={"message": "Too many tokens"}), "provider_refused"),
        (Reply(status=429, headers={"Retry-After": "120"}), "provider_busy"),
        (Reply(status=400, error=FILTERED), "content_filter"),
        (Reply(text="Well, you", finish_reason="content_filter"), "content_filter"),
        (Reply(raw_events=('data: {"error": {"code": "content_filter"}}\n\n',)), "content_filter"),
        (Reply(raw_events=('data: {"error": {"message": "overloaded"}}\n\n',)), "provider_error"),
        (Reply(raw_events=("data: nonsense\n\n",)), "provider_error"),
        (Reply(text="A leaf is", drop_after=2), "answer_broken_off"),
        (Reply(status=302, headers={"Location": "http://169.254.169.254/"}), "provider_error"),
    ],
)
def test_each_failure_has_its_code_and_is_recorded(
    chat: ChatModel, configured: ModelServer, session: Session, reply: Reply, code: str
) -> None:
    configured.reply(reply)
    assert failure(chat) == code
    assert (recorded(session).outcome, recorded(session).error_code) == ("failed", code)
    assert len(configured.requests) == 1


def test_a_stalled_stream_times_out(chat: ChatModel, configured: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.llm.wire.READ_TIMEOUT", 0.05)
    configured.reply(Reply(text="A leaf is green", stall_after=2))
    assert failure(chat) == "provider_timeout"
    assert configured.hung_up.wait(PATIENCE)


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    chat: ChatModel, configured: ModelServer, pauses: list[float]
) -> None:
    configured.reply(Reply(status=503, headers={"Retry-After": "2"}), Reply(status=500), Reply(text="Green."))
    assert answer(chat)[0] == "Green."
    assert pauses[0] == 2 and 0.5 < pauses[1] < 2


def test_attempts_are_bounded(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(*[Reply(status=500)] * 5)
    assert failure(chat) == "provider_error"
    assert len(configured.requests) == 3


def test_nothing_is_asked_again_after_the_first_token(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text="A leaf", drop_after=1), Reply(text="never sent"))
    assert failure(chat) == "answer_broken_off"
    assert len(configured.requests) == 1


@pytest.mark.parametrize("option", ["stream_options", "max_tokens", "temperature"])
def test_an_option_the_server_refuses_is_left_out_from_then_on(
    chat: ChatModel, configured: ModelServer, option: str
) -> None:
    configured.reply(Reply(status=400, error={"message": f"Unsupported parameter: '{option}'"}))
    answer(chat)
    answer(chat)
    assert [option in request.content for request in configured.requests] == [True, False, False]


def test_giving_up_hangs_up_on_the_server(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    configured.reply(Reply(text="A leaf is green", stall_after=2))
    stream = chat.stream(QUESTION)
    assert isinstance(next(stream), Delta)
    stream.close()  # type: ignore[attr-defined]
    assert configured.hung_up.wait(PATIENCE)
    assert (recorded(session).outcome, recorded(session).is_estimated) == ("cancelled", True)


def test_the_kill_switch_stops_the_call(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, ENABLED, False)
    with pytest.raises(NotAllowed, match="feature_off"):
        answer(chat)
    assert configured.requests == []


def test_the_sites_switch_stops_the_call(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, SWITCHES[Feature.TUTOR], False)
    with pytest.raises(NotAllowed, match="feature_off"):
        answer(chat)
    assert configured.requests == []


def test_a_courses_switch_stops_the_calls_of_that_course_alone(
    door: Door, configured: ModelServer, session: Session, house: House
) -> None:
    write(session, SWITCHES[Feature.TUTOR], False, course_id=house.course.id)
    with pytest.raises(NotAllowed, match="feature_off"):
        answer(ChatModel(door, caller(course_id=house.course.id)))
    assert configured.requests == []
    answer(ChatModel(door, caller(course_id=house.other_course.id)))


def test_a_switch_thrown_between_two_calls_counts_for_the_second(
    chat: ChatModel, configured: ModelServer, session: Session
) -> None:
    answer(chat)
    write(session, ENABLED, False)
    with pytest.raises(NotAllowed):
        answer(chat)
    assert len(configured.requests) == 1


def test_a_private_server_that_is_not_listed_is_not_called(
    chat: ChatModel, configured: ModelServer, session: Session
) -> None:
    write(session, ALLOWED_HOSTS, frozenset[str]())
    assert failure(chat) == "provider_not_allowed"
    write(session, ALLOWED_HOSTS, frozenset({"api.openai.com"}))
    assert failure(chat) == "provider_not_allowed"
    assert configured.requests == []


def test_without_a_configured_model_there_is_none(door: Door, session: Session) -> None:
    assert chat_model(door, caller()) is None


def test_with_a_configured_model_there_is_one_while_its_switch_is_on(
    door: Door, configured: ModelServer, session: Session
) -> None:
    assert chat_model(door, caller()) is not None
    write(session, SWITCHES[Feature.TUTOR], False)
    assert chat_model(door, caller()) is None


def test_a_model_that_was_removed_meanwhile_is_said_to_be_gone(chat: ChatModel, session: Session) -> None:
    write(session, ENDPOINT, "")
    assert failure(chat) == "not_configured"
