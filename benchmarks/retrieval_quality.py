"""Right passage among the first five, by words alone, and "the course does not say" (docs: targets, judgement).

    python -m benchmarks.retrieval_quality [folder of xquad] [--languages en de] [--part plain|ways|refusals]

XQuAD: 240 paragraphs and 1,190 questions in each of seven languages. Compared with plain BM25 over folded words
(pairs of characters for Chinese) in this very run; once with a course a language, once with all in one course.

Refusals: each question is asked of a course with its paragraph and without it, in a course of all 240 and in small
ones of 15 to 40. Odd questions only, for the even ones fitted what decides; then the fit again, without the language
that it is tried on and last with all of them.

Recall@5, the mean reciprocal rank and refusals are printed for text alone, and for vectors alone and both fused where
EMBEDDING_URL and EMBEDDING_MODEL name an embedding model (benchmarks/vectors.py); else it says that they were not. The
similarity floor is the one that an installation with all this material measures by itself.
"""

import argparse
import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.course_data import add_source, new_course
from benchmarks.schema import fresh_database
from benchmarks.vectors import EmbeddingServer, Vectors, door_to
from lti_tool.content.embedding import QuestionVector, embed_chunks
from lti_tool.content.finding import SEEN
from lti_tool.content.floors.calibration import calibrate
from lti_tool.content.lexemes import IDEOGRAPHS, INDIC, folded
from lti_tool.content.models import Chunk
from lti_tool.content.retrieval import COVERAGE_COUNTS, ENOUGH, LEAD_COUNTS, Judgement, evidence, judged, search
from lti_tool.db import transaction
from lti_tool.site_settings.catalogue import RAG_THRESHOLD

LANGUAGES = ("en", "de", "es", "tr", "ar", "hi", "zh")
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "xquad"
PLAIN_WORD = re.compile(rf"[{IDEOGRAPHS}]+|(?:(?![{IDEOGRAPHS}])[\w{INDIC}])+")
ARTICLE = 5
SMALL = (3, 4, 5, 6, 7, 8, 8, 7)
FLOORS = (-0.5, -0.25, 0, 0.25, 0.5)
Question = tuple[str, int]
Asked = tuple[int, str, int, bool]
Material = dict[str, tuple[list[str], list[Question]]]
Weights = tuple[float, float, float]
NOT_MEASURED = "; EMBEDDING_URL names no model: vectors were not measured"
PRESENT: Weights = (COVERAGE_COUNTS, LEAD_COUNTS, ENOUGH)


class Seen(NamedTuple):
    """What a search gave for a question, and what would have been right."""

    coverage: float
    lead: float
    is_unanswerable: bool
    is_even: bool

    def confidence(self, weights: Weights) -> float:
        return weights[0] * self.coverage + weights[1] * self.lead - weights[2]


class Told(NamedTuple):
    """How a question was judged, and what would have been right."""

    is_even: bool
    is_unanswerable: bool
    judgement: Judgement


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


def refusals(session: Session, asked: list[Asked]) -> list[Seen]:
    """The evidence for each question, with its paragraph and without it."""
    seen: list[Seen] = []
    for course_id, question, page, is_even in asked:
        found = search(session, course_id=course_id, question=question, limit=SEEN)
        seen.append(Seen(*evidence(found), is_unanswerable=False, is_even=is_even))
        with without(session, course_id, page):
            found = search(session, course_id=course_id, question=question, limit=SEEN)
            seen.append(Seen(*evidence(found), is_unanswerable=True, is_even=is_even))
    return seen


def small_courses(session: Session, language: str, paragraphs: list[str]) -> dict[int, tuple[int, int]]:
    """Courses of whole articles; for each paragraph its course and its page there."""
    articles = list(range(len(paragraphs) // ARTICLE))
    random.Random(language).shuffle(articles)
    homes: dict[int, tuple[int, int]] = {}
    for size in SMALL:
        chosen, articles = articles[:size], articles[size:]
        numbers = [article * ARTICLE + at for article in chosen for at in range(ARTICLE)]
        course_id = new_course(session, f"{language}-{len(articles)}")
        add_source(session, course_id, [paragraphs[number] for number in numbers])
        homes |= {number: (course_id, page) for page, number in enumerate(numbers, start=1)}
    return homes


def precision_and_recall(seen: list[Seen], weights: Weights, floor: float = 0) -> tuple[float, float]:
    """Of the refusals on odd questions."""
    odd = [each for each in seen if not each.is_even]
    refused = [each.is_unanswerable for each in odd if each.confidence(weights) < floor]
    return sum(refused) / max(1, len(refused)), sum(refused) / sum(each.is_unanswerable for each in odd)


def fitted(seen: list[Seen]) -> Weights:
    """Logistic regression on the even questions, by Newton's method."""
    even = [each for each in seen if each.is_even]
    rows = np.array([(each.coverage, each.lead, -1.0) for each in even])
    answerable = np.array([not each.is_unanswerable for each in even], dtype=float)
    weights = np.zeros(3)
    for _ in range(30):
        likely = 1 / (1 + np.exp(-rows @ weights))
        curvature = rows.T @ (rows * (likely * (1 - likely))[:, None]) + 1e-6 * np.eye(3)
        weights += np.linalg.solve(curvature, rows.T @ (answerable - likely))
    return float(weights[0]), float(weights[1]), float(weights[2])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    options.add_argument("--questions", type=int, default=300, help="of a language, but for the first table")
    options.add_argument("--languages", nargs="+", default=LANGUAGES, choices=LANGUAGES)
    options.add_argument("--part", choices=("plain", "ways", "refusals"), help="one table alone")
    chosen = options.parse_args()
    if not chosen.folder.is_dir():
        raise SystemExit(f"{chosen.folder} is absent: nothing was measured.")
    data = {language: read_language(chosen.folder, language) for language in chosen.languages}
    server = EmbeddingServer.named_by_environment()
    with fresh_database() as engine:
        floor = measured_floor(engine, server, data) if server else 0.0
        with transaction(engine) as session:
            courses = courses_of(session, data)
            if chosen.part in (None, "plain"):
                report_plain(session, data, courses)
            if chosen.part in (None, "ways"):
                report_ways(session, data, courses, chosen.questions, server, floor)
            if chosen.part in (None, "refusals"):
                report_refusals(session, data, courses, chosen.questions)


def courses_of(session: Session, data: Material) -> dict[str, int]:
    courses = {language: new_course(session, language) for language in data}
    for language, (paragraphs, _) in data.items():
        add_source(session, courses[language], paragraphs)
    session.execute(text("ANALYZE"))
    return courses


def report_plain(session: Session, data: Material, courses: dict[str, int]) -> None:
    mixed = new_course(session, "mixed")
    offsets = {}
    everything: list[str] = []
    for language, (paragraphs, _) in data.items():
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


def report_ways(
    session: Session, data: Material, courses: dict[str, int], most: int, server: EmbeddingServer | None, floor: float
) -> None:
    """Text, vectors and both: the same questions, each way by itself."""
    vectors = Vectors(session, server) if server is not None else None
    print("\nrecall@5 / mean reciprocal rank; refusals: precision / recall" + ("" if vectors else NOT_MEASURED))
    print(f"    at confidence {', '.join(map(str, FLOORS))}" + (f"; measured floor {floor:.2f}" if vectors else ""))
    for language, (_, questions) in data.items():
        asked = questions[:: max(1, len(questions) // max(1, most))]
        made: list[QuestionVector | None] = [None] * len(asked)
        ways = {"text": (True, made)}
        if vectors is not None:
            vectors.fill(session, courses[language])
            made = [*vectors.of_questions([question for question, _ in asked])]
            ways |= {"vectors": (False, made), "fused": (True, made)}
        for way, (by_words, given) in ways.items():
            ranks = list(ranks_of(session, courses[language], asked, given, by_words=by_words))
            told = list(judgements(session, courses[language], asked, given, floor, by_words=by_words))
            refusals = curve(told) if by_words else best_floor(told)
            print(f"{language:3} {way:8} {recall_and_rank(ranks)}   refusals {refusals}", flush=True)


def ranks_of(
    session: Session,
    course_id: int,
    asked: list[Question],
    vectors: Sequence[QuestionVector | None],
    *,
    by_words: bool,
) -> Iterator[int | None]:
    """The place of the right passage among the first ten."""
    for (question, right), vector in zip(asked, vectors, strict=True):
        found = search(session, course_id=course_id, question=question if by_words else "", limit=10, vector=vector)
        pages = [passage.page for passage in found]
        yield pages.index(right + 1) + 1 if right + 1 in pages else None


def recall_and_rank(ranks: list[int | None]) -> str:
    recall = sum(rank is not None and rank <= 5 for rank in ranks) / len(ranks)
    reciprocal = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return f"{recall:.4f} / {reciprocal:.4f}"


def judgements(
    session: Session,
    course_id: int,
    asked: list[Question],
    vectors: Sequence[QuestionVector | None],
    floor: float,
    *,
    by_words: bool,
) -> Iterator[Told]:
    """On each question, of a course with its paragraph and without it."""
    for number, ((question, right), vector) in enumerate(zip(asked, vectors, strict=True)):
        written = question if by_words else ""
        found = search(session, course_id=course_id, question=written, limit=SEEN, vector=vector)
        yield Told(number % 2 == 0, False, judged(found, least_similarity=floor))
        with without(session, course_id, right + 1):
            found = search(session, course_id=course_id, question=written, limit=SEEN, vector=vector)
            yield Told(number % 2 == 0, True, judged(found, least_similarity=floor))


def curve(told: list[Told]) -> str:
    """Of odd questions, where words or the measured floor decide."""
    odd = [(each.is_unanswerable, each.judgement) for each in told if not each.is_even]
    return "  ".join(
        _written(refused([(absent, it.by_meaning or it.evidence >= it.needed + least) for absent, it in odd]))
        for least in FLOORS
    )


def best_floor(told: list[Told]) -> str:
    """Of odd questions, where nothing but the floor that serves best on even ones decides."""
    alike = [(each.is_even, each.is_unanswerable, each.judgement.similarity or 0.0) for each in told]
    floors = sorted({similarity for is_even, _, similarity in alike if is_even})

    def outcome(of_even: bool, floor: float) -> tuple[float, float]:
        return refused([(absent, similarity >= floor) for is_even, absent, similarity in alike if is_even == of_even])

    floor = max(floors, key=lambda least: min(outcome(True, least)))
    return f"{_written(outcome(False, floor))} at floor {floor:.2f}"


def refused(decided: Iterable[tuple[bool, bool]]) -> tuple[float, float]:
    """Precision and recall of refusals, from what is unanswerable and what was answered."""
    each = list(decided)
    right = [absent for absent, is_answered in each if not is_answered]
    return sum(right) / max(1, len(right)), sum(right) / max(1, sum(absent for absent, _ in each))


def measured_floor(engine: Engine, server: EmbeddingServer, data: Material) -> float:
    """The floor that an installation with this material measures by itself; each article is a source there."""
    door = door_to(engine, server.url, server.model)
    with transaction(engine) as session:
        courses = [new_course(session, f"floor-{language}") for language in data]
        for course_id, (paragraphs, _) in zip(courses, data.values(), strict=True):
            for at in range(0, len(paragraphs), ARTICLE):
                add_source(session, course_id, paragraphs[at : at + ARTICLE], f"Article {at // ARTICLE}")
    for course_id in courses:
        embed_chunks(door, course_id)
    found = calibrate(door)
    return found.floor if found else float(RAG_THRESHOLD.default)


def report_refusals(
    session: Session,
    data: Material,
    courses: dict[str, int],
    most: int,
) -> None:
    large: dict[str, list[Seen]] = {}
    small: dict[str, list[Seen]] = {}
    print(f"\nrefusals   precision / recall at confidence {', '.join(map(str, FLOORS))}", flush=True)
    for language, (paragraphs, questions) in data.items():
        step = max(1, len(questions) // max(1, most))
        chosen = list(enumerate(questions[::step]))
        homes = small_courses(session, language, paragraphs)
        large[language] = refusals(session, [(courses[language], q, right + 1, n % 2 == 0) for n, (q, right) in chosen])
        small[language] = refusals(session, [(*_place(homes[right], q), n % 2 == 0) for n, (q, right) in chosen])
        for size, seen in (("all", large), ("small", small)):
            curve = (precision_and_recall(seen[language], PRESENT, floor) for floor in FLOORS)
            print(f"{language:3} {size:5}  " + "  ".join(map(_written, curve)), flush=True)
    report_fit(large, small)


def report_fit(large: dict[str, list[Seen]], small: dict[str, list[Seen]]) -> None:
    print("\nfitted without the language it is tried on: all, small")
    for language in large:
        others = [each for other in large if other != language for each in large[other] + small[other]]
        weights = fitted(others)
        tried = (precision_and_recall(seen[language], weights) for seen in (large, small))
        print(f"{language:3}  " + "  ".join(map(_written, tried)))
    weights = fitted([each for language in large for each in large[language] + small[language]])
    print("fitted on all: coverage {:.2f}, lead {:.2f}, enough {:.2f}".format(*weights), flush=True)


def _place(home: tuple[int, int], question: str) -> tuple[int, str, int]:
    return home[0], question, home[1]


def _written(found: tuple[float, float]) -> str:
    return f"{found[0]:.2f}/{found[1]:.2f}"


if __name__ == "__main__":
    main()
