"""The benchmark's column with vectors: there where an embedding model is named, and said to be absent where none is."""

import pytest

from benchmarks.graded_answers import Answer, Part
from benchmarks.grading_agreement import METHODS, WITH_VECTORS, methods_here, never_seen
from tests.fakes.model_server import ModelServer

ANSWERS = [
    Answer(
        str(number % 2),
        "Why?",
        ("light",),
        f"{'light' if number % 3 else 'night'} {number}" + " and so" * (number % 4),
        float(number % 3 > 0),
    )
    for number in range(30)
]


def test_a_named_model_gets_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("EMBEDDING_URL", server.url)
        monkeypatch.setenv("EMBEDDING_MODEL", "fake-embedding")
        never_seen(Part("made up", ANSWERS[:20], {"unseen": ANSWERS[20:]}), 20, methods=methods_here())
        asked = [text for request in server.requests for text in request.content["input"]]
    assert sorted(asked) == sorted(answer.text for answer in ANSWERS)
    assert f"    {WITH_VECTORS}" in capsys.readouterr().out


def test_without_a_model_nothing_is_made_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EMBEDDING_URL", raising=False)
    assert methods_here() is METHODS
    assert "was not measured" in capsys.readouterr().out
