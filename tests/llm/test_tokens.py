"""Tokens are estimated by script, and by what the model's server counted."""

import pytest

from lti_tool.db import transaction
from lti_tool.llm.chat import ChatModel, Message, MessageRole
from lti_tool.llm.tokens import learn, tokens_of
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer

ENGLISH = "Osmosis is the movement of water through a membrane that lets water pass and holds salt back. " * 10


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        # Counted by o200k: the English and Chinese of XQuAD's first paragraphs have such rates.
        ("The movement of water through a membrane", 8),
        ("Die Bewegung von Wasser durch eine Membran", 9),
        ("Движение воды через мембрану", 9),
        ("水通过半透膜的运动称为渗透作用", 11),
    ],
)
def test_an_estimate_is_near_what_a_tokenizer_counts(text: str, counted: int) -> None:
    assert abs(tokens_of(text, "never seen") - counted) <= 2


def test_what_the_server_counts_corrects_the_estimate_for_that_model_alone() -> None:
    before = tokens_of(ENGLISH, "frugal")
    learn("frugal", [ENGLISH], 2 * before)
    assert tokens_of(ENGLISH, "frugal") == pytest.approx(2 * before, rel=0.05)
    assert tokens_of(ENGLISH, "other") == before


def test_a_server_that_counts_nonsense_is_followed_within_bounds() -> None:
    before = tokens_of(ENGLISH, "broken")
    learn("broken", [ENGLISH], 10**9)
    learn("broken", [ENGLISH], 0)
    assert tokens_of(ENGLISH, "broken") == pytest.approx(4 * before, abs=2)


def test_every_counted_answer_teaches(chat: ChatModel, configured: ModelServer) -> None:
    with transaction(chat.door.engine) as session:
        write(session, CHAT_DEPLOYMENT, "counts-words")
    list(chat.stream([Message(role=MessageRole.USER, content=ENGLISH)]))
    assert tokens_of(ENGLISH, "counts-words") == pytest.approx(len(ENGLISH.split()), rel=0.05)
