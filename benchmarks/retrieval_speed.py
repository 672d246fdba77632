"""5,000 chunks in one course among 200,000: our one statement beside rows of JSON scored in Python (targets, speed).

    python -m benchmarks.retrieval_speed [--others 195000] [--part search|indexing]

CPU time of the database's process and of ours together, medians after a warm-up, the same questions for each. The
JSON rows are what Moodle plugins keep: read by course, parsed, scored by cosine in application code.

Then a course of which one page in a hundred changed, indexed again as by the jobs, with its vectors: by the model that
EMBEDDING_URL and EMBEDDING_MODEL name, else by the tests' server of hashed words, for here only time is measured.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source, new_course, pages
from benchmarks.schema import fresh_database
from benchmarks.vectors import EmbeddingServer, door_to
from lti_tool.content.embedding import QuestionVector, embed_chunks
from lti_tool.content.indexing import store_document
from lti_tool.content.models import Source
from lti_tool.content.retrieval import search
from lti_tool.db import transaction
from lti_tool.llm.door import Door
from tests.fakes.model_server import ModelServer

SIZE, DIMENSIONS, QUESTIONS, PAGES = 5_000, 384, 25, 1_000
VOCABULARY = [f"{first}{middle}{last}" for first in "bdfgklmnprst" for middle in ("a", "ero", "ilu", "osa") for last in
              ("rin", "tel", "mok", "sad", "vex", "lim", "dor", "nup", "gat", "zil", "quo", "fem")]  # fmt: skip
NEAREST = text(
    "SELECT chunk_id FROM chunk_embedding WHERE course_id = :course"
    " ORDER BY embedding <=> CAST(:vector AS halfvec) LIMIT 5"
)


def words_of(chance: random.Random, count: int) -> str:
    """Words as rare and as common as in real text (Zipf)."""
    ranks = (int(len(VOCABULARY) ** chance.random()) - 1 for _ in range(count))
    return " ".join(VOCABULARY[rank] + (str(chance.randrange(40)) if chance.random() < 0.3 else "") for rank in ranks)


COPY_COURSE = (
    text(
        "INSERT INTO document (source_id, sha256, extraction, indexed_at)"
        " SELECT :source, sha256, extraction, indexed_at FROM document WHERE source_id = :model_source"
    ),
    text(
        "INSERT INTO chunk (course_id, source_id, document_id, position, heading, sha256, term_count, text, tsv)"
        " SELECT :course, :source, (SELECT id FROM document WHERE source_id = :source), position, heading, sha256,"
        " term_count, text, CAST(replace(CAST(tsv AS text), :old, :new) AS tsvector)"
        " FROM chunk WHERE source_id = :model_source"
    ),
    text(
        "INSERT INTO chunk_embedding (chunk_id, model_id, course_id, source_id, embedding)"
        " SELECT copied.id, model_id, copied.course_id, copied.source_id, embedding FROM chunk AS copied"
        " JOIN chunk AS original ON original.source_id = :model_source AND original.position = copied.position"
        " JOIN chunk_embedding ON chunk_id = original.id WHERE copied.source_id = :source"
    ),
)


def fill(session: Session, others: int) -> tuple[int, np.ndarray]:
    """The course and its vectors, indexed as usual; then `others` more chunks as copies of it in other courses."""
    chance, numbers = random.Random(1), np.random.default_rng(1)
    model = session.scalar(text("INSERT INTO embedding_model (name) VALUES ('bench') RETURNING id"))
    course = new_course(session, "course")
    source = add_source(session, course, [words_of(chance, 150) for _ in range(SIZE)])
    vectors = numbers.standard_normal((SIZE, DIMENSIONS)).astype(np.float32)
    _add_vectors(session, source, model, vectors)
    # The lexemes of other courses are counted for nobody here, and an index is made faster than it is kept.
    session.execute(text("ALTER TABLE chunk DISABLE TRIGGER USER"))
    session.execute(text("DROP INDEX ix_chunk_tsv"))
    for number in range(0, others, SIZE):
        _copy_course(session, source, new_course(session, f"course-{number}"))
    session.execute(text("CREATE INDEX ix_chunk_tsv ON chunk USING gin (tsv) WITH (fastupdate = off)"))
    session.execute(text("ALTER TABLE chunk ENABLE TRIGGER USER"))
    return course, vectors


def _copy_course(session: Session, source: Source, course: int) -> None:
    copied = Source(
        course_id=course, title="Copy", file_id=source.file_id, changed_at=source.changed_at, state=source.state
    )
    session.add(copied)
    session.flush()
    names = {"source": copied.id, "model_source": source.id, "course": course}
    prefixes = {"old": f"'{source.course_id}:", "new": f"'{course}:"}
    for statement in COPY_COURSE:
        wanted = statement.compile().params
        session.execute(statement, {name: value for name, value in (names | prefixes).items() if name in wanted})


def _add_vectors(session: Session, source: Source, model: int | None, vectors: np.ndarray) -> None:
    session.execute(
        text(
            "INSERT INTO chunk_embedding (chunk_id, model_id, course_id, source_id, embedding)"
            " SELECT id, :model, course_id, source_id, CAST(given AS halfvec) FROM chunk"
            " JOIN unnest(CAST(:vectors AS text[])) WITH ORDINALITY AS v (given, number) ON number = position + 1"
            " WHERE source_id = :source"
        ),
        {"model": model, "source": source.id, "vectors": [_written(vector) for vector in vectors]},
    )


def _written(vector: np.ndarray) -> str:
    return "[" + ",".join(f"{value:.4f}" for value in vector) + "]"


def add_json_rows(session: Session, course: int) -> None:
    session.execute(text("CREATE TABLE json_chunk (chunk_id bigint, course_id bigint, embedding text)"))
    session.execute(
        text(
            "INSERT INTO json_chunk SELECT chunk_id, course_id, CAST(embedding AS text) FROM chunk_embedding"
            " WHERE course_id = :course"
        ),
        {"course": course},
    )
    session.execute(text("CREATE INDEX ON json_chunk (course_id)"))


def json_search(session: Session, course: int, question: np.ndarray) -> list[int]:
    """Every row over the wire, parsed and scored in Python."""
    rows = session.execute(text("SELECT chunk_id, embedding FROM json_chunk WHERE course_id = :c"), {"c": course})
    asked, length = question.tolist(), float(np.linalg.norm(question))
    scored = []
    for chunk_id, written in rows:
        vector = json.loads(written)
        product = sum(a * b for a, b in zip(asked, vector, strict=True))
        scored.append((product / (length * sum(value * value for value in vector) ** 0.5), chunk_id))
    return [chunk_id for _, chunk_id in sorted(scored, reverse=True)[:5]]


def cpu_of(pid: int) -> float:
    """Seconds on a CPU, by the kernel's own account."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def measure(backend: int, call: Callable[[int], object], times: int) -> float:
    """Median CPU milliseconds of a call, the database's share included."""
    call(0)
    spent = []
    for number in range(times):
        before = cpu_of(backend) + time.process_time()
        call(number)
        spent.append(cpu_of(backend) + time.process_time() - before)
    return statistics.median(spent) * 1000


def compare(session: Session, others: int) -> None:
    course, vectors = fill(session, others)
    add_json_rows(session, course)
    for table in ("chunk", "chunk_embedding", "course_lexeme", "json_chunk"):
        session.execute(text(f"ANALYZE {table}"))
    backend = session.scalar(text("SELECT pg_backend_pid()"))
    assert isinstance(backend, int)
    chance, numbers = random.Random(2), np.random.default_rng(2)
    asked = [vectors[chance.randrange(SIZE)] + numbers.standard_normal(DIMENSIONS) for _ in range(QUESTIONS)]
    questions = [words_of(chance, 9) for _ in range(QUESTIONS)]

    def nearest(number: int) -> list[int]:
        found = session.execute(NEAREST, {"course": course, "vector": _written(asked[number % QUESTIONS])})
        return [row.chunk_id for row in found]

    def fused(number: int) -> object:
        vector = QuestionVector(model="bench", values=[round(float(value), 4) for value in asked[number % QUESTIONS]])
        return search(session, course_id=course, question=questions[number % QUESTIONS], limit=5, vector=vector)

    def by_words(number: int) -> object:
        return search(session, course_id=course, question=questions[number % QUESTIONS], limit=5)

    same = [len(set(nearest(n)) & set(json_search(session, course, asked[n]))) / 5 for n in range(5)]
    slow = measure(backend, lambda number: json_search(session, course, asked[number % QUESTIONS]), 5)
    fast = measure(backend, nearest, QUESTIONS)
    print(f"\nvectors: JSON rows {slow:.1f} ms, ours {fast:.2f} ms CPU: {slow / fast:.0f} times faster (target 50)")
    print(f"recall@5 against the JSON rows: {statistics.mean(same):.3f} (target 1.0)")
    print(f"words alone: {measure(backend, by_words, QUESTIONS):.1f} ms CPU")
    print(f"fused: {measure(backend, fused, QUESTIONS):.1f} ms CPU (target under 30)")


def compare_indexing(engine: Engine) -> None:
    """A course of which one page in a hundred changed, against its first indexing."""
    named = EmbeddingServer.named_by_environment()
    if named is not None:
        index_twice(engine, named.url, named.model)
        return
    with ModelServer(record=False) as server:
        index_twice(engine, server.url, "hashed-words")


def index_twice(engine: Engine, url: str, model: str) -> None:
    with transaction(engine) as session:
        source = add_source(session, new_course(session, "again"), ["Nothing yet."])
    door, chance = door_to(engine, url, model), random.Random(3)
    texts = [words_of(chance, 150) for _ in range(PAGES)]
    first, _ = index(door, source, texts)
    for number in range(0, PAGES, 100):
        texts[number] = words_of(chance, 150)
    again, embedded = index(door, source, texts)
    print(f"\nindexing again with 1 % of {PAGES} pages changed, vectors by {model} included:")
    print(f"{again / first:.1%} of the first time, {first:.2f} s (target under 5 %)")
    print(f"{embedded} of {PAGES} chunks were embedded (changed: {PAGES // 100})")


def index(door: Door, source: Source, texts: list[str]) -> tuple[float, int]:
    """Seconds from the text to its last vector, and how many vectors were made."""
    started = time.perf_counter()
    with transaction(door.engine) as session:
        store_document(session, session.get_one(Source, source.id), pages(texts))
    embedded = embed_chunks(door, source.course_id)
    return time.perf_counter() - started, embedded


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--others", type=int, default=195_000, help="chunks of other courses")
    options.add_argument("--part", choices=("search", "indexing"), help="one of the two alone")
    chosen = options.parse_args()
    with fresh_database() as engine:
        if chosen.part != "indexing":
            with transaction(engine) as session:
                compare(session, chosen.others)
        if chosen.part != "search":
            compare_indexing(engine)


if __name__ == "__main__":
    main()
