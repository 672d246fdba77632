"""The benchmarks' own server of an embedding model says what the endpoint of every other server says."""

from collections.abc import Iterator
from threading import Thread

import pytest
from openai import NotFoundError, OpenAI

from benchmarks.embedding_server import Embedded, server_of
from benchmarks.vectors import BATCH, EmbeddingServer


def lengths(texts: list[str]) -> Embedded:
    return Embedded([[float(len(text)), 1.0] for text in texts], tokens=sum(map(len, texts)))


@pytest.fixture
def url() -> Iterator[str]:
    with server_of(lengths) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def test_many_texts_come_back_in_their_order(url: str) -> None:
    texts = ["x" * number for number in range(BATCH + 5)]
    assert EmbeddingServer(url, "lengths").embed(texts) == [[float(number), 1.0] for number in range(BATCH + 5)]


def test_the_answer_counts_its_tokens(url: str) -> None:
    with OpenAI(base_url=url, api_key="none") as client:
        answer = client.embeddings.create(model="lengths", input="four", encoding_format="float")
    assert (answer.model, answer.usage.prompt_tokens, len(answer.data)) == ("lengths", 4, 1)


def test_it_serves_nothing_else(url: str) -> None:
    with OpenAI(base_url=url, api_key="none") as client, pytest.raises(NotFoundError):
        client.chat.completions.create(model="lengths", messages=[])
