"""The tokenizers of models whose names say which one they have: OpenAI's, there or at Azure (R45).

tiktoken knows the names and counts; it would download the vocabularies, so they lie here (vocabularies/NOTICE.md).
The first question to such a model reads one, which takes a second and 80 MB in that process.
"""

import lzma
from base64 import b64decode
from functools import cache
from pathlib import Path
from threading import Lock

from tiktoken import Encoding
from tiktoken.model import encoding_name_for_model

VOCABULARIES = Path(__file__).parent / "vocabularies"
ALIKE = {"o200k_harmony": "o200k_base"}
"""Other special tokens alone, and texts are counted without any."""
CAPITALS, SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SHORTENED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
# Where each cuts a text before it looks anything up, as in tiktoken_ext/openai_public.py.
CUTS = {
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
    r"\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}*{SMALL}+{SHORTENED}|"
    rf"[^\r\n\p{{L}}\p{{N}}]?{CAPITALS}+{SMALL}*{SHORTENED}|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}

_lock = Lock()


def find_tokenizer(model: str) -> Encoding | None:
    """The model's own tokenizer, where it is known."""
    try:
        name = encoding_name_for_model(model)
    except KeyError:
        return None
    name = ALIKE.get(name, name)
    with _lock:
        return _read(name) if name in CUTS else None


@cache
def _read(name: str) -> Encoding:
    lines = lzma.decompress((VOCABULARIES / f"{name}.tiktoken.xz").read_bytes()).splitlines()
    ranks = {b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
    return Encoding(name, pat_str=CUTS[name], mergeable_ranks=ranks, special_tokens={})
