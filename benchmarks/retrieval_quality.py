"""Right passage among the first five, by words alone, and "the course does not say" (docs: targets, judgement).

    python -m benchmarks.retrieval_quality [folder of xquad]

XQuAD: 240 paragraphs and 1,190 questions in each of seven languages. Compared with plain BM25 over folded words
(pairs of characters for Chinese) in this very run; once with a course a language, once with all in one course.
"""

import argparse
import json
import math
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source, new_course
from benchmarks.schema import make_schema
from lti_tool.content.lexemes import IDEOGRAPHS, INDIC, folded
from lti_tool.content.models import Chunk
from lti_tool.content.retrieval import confidence, search
from lti_tool.db import engine_for, transaction
from lti_tool.embedded_postgres import EmbeddedPostgres

LANGUAGES = ("en", "de", "es", "tr", "ar", "hi", "zh")
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "xquad"
PLAIN_WORD = re.compile(rf"[{IDEOGRAPHS}]+|(?:(?![{IDEOGRAPHS}])[\w{INDIC}])+")
Question = tuple[str, int]


def read_language(folder: Path, language: str) -> tuple[list[str], list[Question]]:
    """Paragraphs, and each question with the number of its paragraph."""
    content = json.loads((folder / f"xquad.{language}.json").read_text(encoding="utf-8"))
    paragraphs: list[str] = []
    questions: list[Question] = []
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            questions += [(asked["question"], len(paragraphs)) for asked in paragraph["qas"]]
            paragraphs.append(paragraph["context"])
    return paragraphs, questions


def plain_words(written: str) -> list[str]:
    """What the baseline looks at."""
    words: list[str] = []
    for word in PLAIN_WORD.findall(folded(written)):
        is_ideographs = re.match(f"[{IDEOGRAPHS}]", word) and len(word) > 1
        words += [word[at : at + 2] for at in range(len(word) - 1)] if is_ideographs else [word]
    return words


class PlainIndex:
    """BM25 (k1 = 1.2, b = 0.75) in memory."""

    def __init__(self, paragraphs: list[str]) -> None:
        self.counts = [Counter(plain_words(paragraph)) for paragraph in paragraphs]
        self.mean = sum(count.total() for count in self.counts) / len(self.counts)
        self.postings: defaultdict[str, list[int]] = defaultdict(list)
        for number, count in enumerate(self.counts):
            for word in count:
                self.postings[word].append(number)

    def best(self, question: str) -> list[int]:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(plain_words(question)) & self.postings.keys():
            found = self.postings[word]
            weight = math.log(1 + (len(self.counts) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                times, length = self.counts[number][word], self.counts[number].total() / self.mean
                scores[number] += weight * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length))
        return sorted(scores, key=lambda number: -scores[number])[:5]

    def recall(self, questions: list[Question], offset: int = 0) -> float:
        return sum(right + offset in self.best(question) for question, right in questions) / len(questions)


def our_recall(session: Session, course_id: int, questions: list[Question], offset: int = 0) -> float:
    hits = 0
    for question, right in questions:
        found = search(session, course_id=course_id, question=question, limit=5)
        hits += right + offset + 1 in {passage.page for passage in found}
    return hits / len(questions)


@contextmanager
def without(session: Session, course_id: int, page: int) -> Iterator[None]:
    """The course as if one paragraph were not there."""
    inner = session.begin_nested()
    session.query(Chunk).filter(Chunk.course_id == course_id, Chunk.page == page).delete()
    yield
    inner.rollback()


def refusals(session: Session, course_id: int, questions: list[Question]) -> list[tuple[float, bool]]:
    """The confidence for each question, with its paragraph and without it."""
    seen = []
    for question, right in questions:
        seen.append((confidence(search(session, course_id=course_id, question=question, limit=5)), False))
        with without(session, course_id, right + 1):
            seen.append((confidence(search(session, course_id=course_id, question=question, limit=5)), True))
    return seen


def precision_and_recall(seen: list[tuple[float, bool]], floor: float) -> tuple[float, float]:
    refused = [is_unanswerable for value, is_unanswerable in seen if value < floor]
    every = sum(is_unanswerable for _, is_unanswerable in seen)
    return sum(refused) / max(1, len(refused)), sum(refused) / every


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    options.add_argument("--refusals", type=int, default=300, help="questions a language; each is asked twice")
    chosen = options.parse_args()
    if not chosen.folder.is_dir():
        raise SystemExit(f"{chosen.folder} is absent: nothing was measured.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres.start(Path(folder), fast=True) as server:
            engine = engine_for(server.url)
            make_schema(engine)
            with transaction(engine) as session:
                report(session, chosen.folder, chosen.refusals)
            engine.dispose()


def report(session: Session, folder: Path, refusal_questions: int) -> None:
    data = {language: read_language(folder, language) for language in LANGUAGES}
    mixed = new_course(session, "mixed")
    courses, offsets = {}, {}
    everything: list[str] = []
    for language, (paragraphs, _) in data.items():
        courses[language] = new_course(session, language)
        add_source(session, courses[language], paragraphs)
        offsets[language] = len(everything)
        everything += paragraphs
    add_source(session, mixed, everything)
    session.execute(text("ANALYZE"))
    plain_mixed = PlainIndex(everything)
    print("recall@5  a course a language        all seven in one course")
    print("language  plain BM25  ours            plain BM25  ours")
    for language, (paragraphs, questions) in data.items():
        plain = PlainIndex(paragraphs).recall(questions)
        plain_together = plain_mixed.recall(questions, offsets[language])
        ours = our_recall(session, courses[language], questions)
        together = our_recall(session, mixed, questions, offsets[language])
        print(
            f"{language:8}  {plain:.4f}      {ours:.4f}          {plain_together:.4f}      {together:.4f}", flush=True
        )
    print("\nrefusals   precision / recall at confidence -0.5, -0.25, 0, 0.25, 0.5")
    for language, (_, questions) in data.items():
        step = max(1, len(questions) // max(1, refusal_questions))
        seen = refusals(session, courses[language], questions[::step])
        curve = [precision_and_recall(seen, floor) for floor in (-0.5, -0.25, 0, 0.25, 0.5)]
        print(f"{language:8}  " + "  ".join(f"{precision:.2f}/{recall:.2f}" for precision, recall in curve), flush=True)


if __name__ == "__main__":
    main()
