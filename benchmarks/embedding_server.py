"""An OpenAI-compatible server of a small, real embedding model, for the benchmarks that want one.

    pip install wordllama==0.4.0.post1              (in any environment: nothing of the tool is needed)
    python -m benchmarks.embedding_server --port 8777
    EMBEDDING_URL=http://127.0.0.1:8777/v1 EMBEDDING_MODEL=wordllama python -m benchmarks.retrieval_quality

The weights lie in the package. It is a table of vectors of tokens, whose mean is a text's vector: made for English,
fast on any CPU, and far from the best there is.
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Protocol

MODEL = "wordllama"


class Embedded(NamedTuple):
    """One vector a text, and how many tokens all of them had."""

    vectors: list[list[float]]
    tokens: int


class Model(Protocol):
    """What turns texts into vectors."""

    def __call__(self, texts: list[str]) -> Embedded: ...


def wordllama() -> Model:
    """The model of that package; nothing is downloaded."""
    import wordllama as package  # the environment of this server alone needs it

    # It looks for the tokenizer it brings in its cache alone.
    loaded = package.WordLlama.load(cache_dir=Path(package.__file__).parent, disable_download=True)

    def embed(texts: list[str]) -> Embedded:
        tokens = sum(sum(encoding.attention_mask) for encoding in loaded.tokenize(texts))
        # Without a token there is nothing to take the mean of.
        return Embedded(loaded.embed([text or " " for text in texts], norm=True).tolist(), tokens)

    return embed


def answer(asked: dict[str, Any], model: Model) -> dict[str, Any]:
    """What the embeddings endpoint says."""
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    made = model(texts)
    return {
        "object": "list",
        "model": asked["model"],
        "data": [
            {"object": "embedding", "index": number, "embedding": vector} for number, vector in enumerate(made.vectors)
        ],
        "usage": {"prompt_tokens": made.tokens, "total_tokens": made.tokens},
    }


def server_of(model: Model, port: int = 0) -> ThreadingHTTPServer:
    """A server on this machine that is yet to be run; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_known = self.path == "/v1/embeddings"
            body = json.dumps(answer(asked, model) if is_known else {"error": {"message": "unknown path"}}).encode()
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a benchmark asks thousands of times."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=8777)
    with server_of(wordllama(), options.parse_args().port) as server:
        host, port = server.server_address[:2]
        print(f"EMBEDDING_URL=http://{host!s}:{port}/v1 EMBEDDING_MODEL={MODEL}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
