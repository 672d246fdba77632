"""How long a chunk should be (R41): what reaches the model for a question, within one budget of tokens.

    python -m benchmarks.chunk_sizes [folder of xquad]

XQuAD's articles, five paragraphs each, are cut in three ways: chunks of 1,500 tokens (6,000 characters), of 400 tokens
(1,600 characters), and of 400 tokens that stand for the 1,500 around them (children with parents). For each question
the best passages are taken in their order, at most five and within the default budget of 3,000 tokens. Printed: the
share of questions whose own paragraph is in what was taken, and how many tokens that was. By words alone, and by words
and vectors where EMBEDDING_URL and EMBEDDING_MODEL name an embedding model (benchmarks/vectors.py).
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source, new_course
from benchmarks.retrieval_quality import ARTICLE, FOLDER, LANGUAGES, Question, read_language
from benchmarks.schema import fresh_database
from benchmarks.vectors import EmbeddingServer, Vectors
from lti_tool.content.chunking import LONGEST, split
from lti_tool.content.embedding import QuestionVector
from lti_tool.content.retrieval import Passage, search
from lti_tool.db import transaction
from lti_tool.llm.usage import CHARACTERS_A_TOKEN
from lti_tool.site_settings.catalogue import RAG_TOKEN_BUDGET, RAG_TOP_K

CHILD = 400 * CHARACTERS_A_TOKEN
SIZES = {"1,500 tokens": LONGEST, "400 tokens": CHILD}
BUDGET = RAG_TOKEN_BUDGET.default * CHARACTERS_A_TOKEN
TELLING = 60
"""So many characters of a paragraph's middle tell it from every other, wherever it was cut."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    options.add_argument("--questions", type=int, default=400, help="a language")
    options.add_argument("--languages", nargs="+", default=LANGUAGES, choices=LANGUAGES)
    chosen = options.parse_args()
    if not chosen.folder.is_dir():
        raise SystemExit(f"{chosen.folder} is absent: nothing was measured.")
    server = EmbeddingServer.named_by_environment()
    if server is None:
        print("EMBEDDING_URL names no embedding model: by words alone.")
    with fresh_database() as engine:
        print("language  " + "  ".join(f"{name:22}" for name in (*SIZES, "400 with parents")), flush=True)
        for language in chosen.languages:
            with transaction(engine) as session:
                for line in measured(session, chosen.folder, language, chosen.questions, server):
                    print(line, flush=True)


def measured(session: Session, folder: Path, language: str, most: int, server: EmbeddingServer | None) -> Iterator[str]:
    """The share of questions whose paragraph is given, and the tokens given, for each way of cutting."""
    paragraphs, questions = read_language(folder, language)
    asked = questions[:: max(1, len(questions) // most)]
    articles = ["\n\n".join(paragraphs[at : at + ARTICLE]) for at in range(0, len(paragraphs), ARTICLE)]
    courses = {}
    for name, aim in SIZES.items():
        courses[name] = new_course(session, f"{language}-{aim}")
        add_source(session, courses[name], articles, aim=aim)
    session.execute(text("ANALYZE"))
    parents = [parent for article in articles for parent in split(article, LONGEST)]
    ways: dict[str, Sequence[QuestionVector | None]] = {"": [None] * len(asked)}
    if server is not None:
        vectors = Vectors(session, server)
        for course_id in courses.values():
            vectors.fill(session, course_id)
        ways["fused"] = vectors.of_questions([question for question, _ in asked])
    for way, given in ways.items():
        lines = [outcome(session, courses[name], asked, given, paragraphs) for name in SIZES]
        lines.append(outcome(session, courses["400 tokens"], asked, given, paragraphs, parents))
        columns = "  ".join(f"{share:.3f} of {tokens:5.0f} tokens   " for share, tokens in lines)
        yield f"{language} {way:7}{columns}"


def outcome(
    session: Session,
    course_id: int,
    asked: list[Question],
    vectors: Sequence[QuestionVector | None],
    paragraphs: list[str],
    parents: list[str] | None = None,
) -> tuple[float, float]:
    hits = given = 0
    for (question, right), vector in zip(asked, vectors, strict=True):
        found = search(session, course_id=course_id, question=question, limit=RAG_TOP_K.default, vector=vector)
        texts = list(within_budget(found, parents))
        hits += any(middle(paragraphs[right]) in whole(each) for each in texts)
        given += sum(len(each) for each in texts)
    return hits / len(asked), given / len(asked) / CHARACTERS_A_TOKEN


def within_budget(found: list[Passage], parents: list[str] | None) -> Iterator[str]:
    """The texts that would be given, each once; the first one always."""
    left, seen = BUDGET, set[str]()
    for passage in found:
        words = passage.text if parents is None else parent_of(passage.text, parents)
        if words in seen:
            continue
        left -= len(words)
        if left < 0 and seen:
            return
        seen.add(words)
        yield words


def parent_of(child: str, parents: list[str]) -> str:
    return next(parent for parent in parents if whole(child) in whole(parent))


def middle(paragraph: str) -> str:
    words = whole(paragraph)
    start = max(0, (len(words) - TELLING) // 2)
    return words[start : start + TELLING]


def whole(words: str) -> str:
    """Without the spaces, which cutting may change."""
    return "".join(words.split())


if __name__ == "__main__":
    main()
