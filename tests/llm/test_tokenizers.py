"""Where a model's name says which tokenizer it has, that one counts."""

import lzma
from hashlib import sha256
from typing import Any

import pytest
from tiktoken_ext import openai_public

from lti_tool.llm.tokenizers import CUTS, VOCABULARIES, find_tokenizer
from lti_tool.llm.tokens import tokens_of


@pytest.mark.parametrize("name", CUTS)
def test_vocabulary_and_cuts_are_those_that_tiktoken_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda _address, expected_hash: expected_hash)
    named: dict[str, Any] = getattr(openai_public, name)()
    vocabulary = lzma.decompress((VOCABULARIES / f"{name}.tiktoken.xz").read_bytes())
    assert (sha256(vocabulary).hexdigest(), CUTS[name]) == (named["mergeable_ranks"], named["pat_str"])


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "o200k_base"),
        ("gpt-4.1-mini", "o200k_base"),
        ("gpt-5-nano", "o200k_base"),
        ("o4-mini", "o200k_base"),
        ("gpt-oss-120b", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-35-turbo-16k", "cl100k_base"),
    ],
)
def test_a_known_name_says_which_tokenizer(model: str, name: str) -> None:
    tokenizer = find_tokenizer(model)
    assert tokenizer is not None
    assert tokenizer.name == name


@pytest.mark.parametrize("model", ["", "llama3.1:8b", "mistral-small", "our-deployment", "gpt2"])
def test_other_models_have_none_that_is_known(model: str) -> None:
    assert find_tokenizer(model) is None


def test_a_known_model_is_counted_not_estimated() -> None:
    texts = ["Photosynthese", "水通过半透膜的运动称为渗透作用", "for i in range(10):\n        print(i)", "🦉🦉"]
    tokenizer = find_tokenizer("gpt-4o")
    assert tokenizer is not None
    assert [tokens_of(text, "gpt-4o") for text in texts] == [len(tokenizer.encode_ordinary(text)) for text in texts]
    assert [tokenizer.decode(tokenizer.encode_ordinary(text)) for text in texts] == texts


def test_words_that_are_commands_to_a_tokenizer_are_text_like_any_other() -> None:
    assert tokens_of("<|endoftext|>", "gpt-4o") > 1
