"""A structured answer fits its schema or is refused; servers that know no schemas are told in words."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import ModelFailed, NotAllowed
from lti_tool.llm import dialect
from lti_tool.llm.chat import ChatModel
from lti_tool.llm.models import LlmCall
from lti_tool.llm.structured import StrictSchema
from lti_tool.site_settings.catalogue import ENABLED, PROVIDER_KIND
from lti_tool.site_settings.patterns import ProviderKind
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer, Reply
from tests.llm.conftest import QUESTION


class Leaf(StrictSchema):
    colour: str
    veins: int


GOOD = '{"colour": "green", "veins": 3}'


@pytest.fixture(autouse=True)
def _forget_dialects() -> None:
    dialect._learnt.clear()


def test_the_answer_fits_the_schema_that_was_asked_for(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text=GOOD))
    assert chat.structured(QUESTION, Leaf) == Leaf(colour="green", veins=3)
    asked = configured.requests[0].content["response_format"]["json_schema"]
    assert asked["strict"] is True and asked["schema"]["additionalProperties"] is False


def test_a_fenced_answer_is_read(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text=f"```json\n{GOOD}\n```"))
    assert chat.structured(QUESTION, Leaf).veins == 3


def test_an_answer_that_does_not_fit_is_repaired_once(
    chat: ChatModel, configured: ModelServer, session: Session
) -> None:
    configured.reply(Reply(text='{"colour": "green", "veins": "many"}'), Reply(text=GOOD))
    assert chat.structured(QUESTION, Leaf).veins == 3
    assert "veins" in configured.requests[1].content["messages"][-1]["content"]
    assert session.scalars(select(LlmCall.completion_tokens)).one() == 8


def test_two_answers_that_do_not_fit_are_a_failure(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text="no"), Reply(text='{"colour": 1}'), Reply(text=GOOD))
    with pytest.raises(ModelFailed, match="answer_unreadable"):
        chat.structured(QUESTION, Leaf)
    assert len(configured.requests) == 2


def test_a_server_without_schemas_is_told_in_words(chat: ChatModel, configured: ModelServer) -> None:
    refusal = Reply(status=400, error={"message": "response_format.type json_schema is not supported"})
    configured.reply(refusal, Reply(text=GOOD))
    chat.structured(QUESTION, Leaf)
    again = configured.requests[1].content
    assert again["response_format"] == {"type": "json_object"} and "veins" in again["messages"][0]["content"]


def test_a_server_without_any_format_is_told_in_words_alone(chat: ChatModel, configured: ModelServer) -> None:
    refusal = Reply(status=422, error={"message": "unknown field response_format"})
    configured.reply(refusal, refusal, Reply(text=GOOD))
    chat.structured(QUESTION, Leaf)
    assert "response_format" not in configured.requests[2].content


def test_azure_is_asked_through_its_deployment(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, PROVIDER_KIND, ProviderKind.AZURE)
    configured.reply(Reply(text=GOOD))
    chat.structured(QUESTION, Leaf)
    assert "/openai/deployments/fake-chat/chat/completions?api-version=2024-08" in configured.requests[0].path


def test_a_filtered_answer_is_said_to_be_filtered(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(Reply(text="{}", finish_reason="content_filter"))
    with pytest.raises(ModelFailed, match="content_filter"):
        chat.structured(QUESTION, Leaf)


def test_the_kill_switch_stops_the_call(chat: ChatModel, configured: ModelServer, session: Session) -> None:
    write(session, ENABLED, False)
    with pytest.raises(NotAllowed, match="feature_off"):
        chat.structured(QUESTION, Leaf)
    assert configured.requests == []
