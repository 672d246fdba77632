"""How well a second opinion grades, and what gate and queue make of it (docs: targets, judgement).

    python -m benchmarks.grading_agreement [folder with the public data]

1. Answers and questions never seen, learnt from 1,000 others: the local model beside the most frequent grade, the
   overlap with the reference answers, and the number of words. Macro-F1 of the likeliest level, and weighted kappa of
   the expected points, each with the interval that holds 95 of 100 samples of the answers.
2. The learning curve at 10, 20, 50, 100 and 200 graded papers: one question alone (as far as there are answers, 20 of
   which are kept to try on), and a course of five questions together.
3. Essays, where ASAP_ESSAYS names a local copy: the curve beside the word count and the two raters' own agreement.
4. The gate: how often it opens for assistants of known agreement, by the size of the blind sample.
5. The queue: errors of a simulated assistant found among the first papers reviewed, beside random order. The second
   opinion learns from the 20 papers graded blind, and again after every 10 reviewed.

Where EMBEDDING_URL and EMBEDDING_MODEL name an embedding model (benchmarks/vectors.py), tables 1 to 3 have the local
model with its vectors beside the words too; without one that is not measured, and the benchmark says so.
"""

import argparse
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.graded_answers import FOLDER, Answer, Part, by_question, data_sets, essays
from benchmarks.vectors import EmbeddingServer
from lti_tool.grading.agreement.models import DEFAULT_BAR
from lti_tool.grading.agreement.order import Judged, priority
from lti_tool.grading.agreement.statistics import weighted_kappa
from lti_tool.grading.second_opinion.features import Paper, recall, word_count
from lti_tool.grading.second_opinion.kernel import likeness
from lti_tool.grading.second_opinion.learning import Numbers, learn, predict, split

CURVE = (10, 20, 50, 100, 200)
KEPT = 20
COURSE = 5
RESAMPLED = 500
LEARNT = 1_000
SAMPLE, AGAIN = 20, 10
SHARES = (0.1, 0.2, 0.3, 0.5)


class Said(NamedTuple):
    """Expected points and the likeliest level of each answer tried."""

    expected: Numbers
    likely: Numbers


Method = Callable[[Sequence[Answer], Sequence[Answer]], Said]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    options.add_argument("--learnt", type=int, default=LEARNT, help="answers learnt from in the first table")
    options.add_argument("--questions", type=int, default=12, help="questions of each set in the curve and the queue")
    options.add_argument("--tables", default="12345", help="which of them, as 145")
    chosen = options.parse_args()
    methods = methods_here()
    parts = data_sets(chosen.folder)
    tables: dict[str, Callable[[], None]] = {
        "1. Never seen: macro-F1, weighted kappa": lambda: for_each(
            parts, partial(never_seen, methods=methods), chosen.learnt
        ),
        "2. Learning curve: macro-F1, weighted kappa; means over draws": lambda: for_each(
            parts, partial(learning_curve, methods=methods), chosen.questions
        ),
        "3. Essays: weighted kappa": lambda: essay_curve(essays(), methods),
        "4. The gate: share of draws in which it opens": gate,
        "5. The queue: errors found among the first papers reviewed": lambda: for_each(parts, queue, chosen.questions),
    }
    for title, table in tables.items():
        if title[0] in chosen.tables:
            print(f"\n{title}", flush=True)
            table()


def for_each(parts: Sequence[Part], table: Callable[[Part, int], None], size: int) -> None:
    for part in parts:
        table(part, size)


def model(train: Sequence[Answer], tried: Sequence[Answer], server: EmbeddingServer | None = None) -> Said:
    """The second opinion itself, by words or by words and vectors."""
    papers = [paper_of(answer) for answer in (*train, *tried)]
    kernel = likeness(papers, server.embed([paper.text for paper in papers]) if server else ())
    known = np.arange(len(train))
    return Said(*learn(kernel, known, scores_of(train), np.arange(len(train), len(train) + len(tried))))


def most_frequent(train: Sequence[Answer], tried: Sequence[Answer]) -> Said:
    given = [answer.score for answer in train]
    return Said(np.full(len(tried), np.mean(given)), np.full(len(tried), statistics.mode(given)))


def by_words(train: Sequence[Answer], tried: Sequence[Answer]) -> Said:
    return line(train, tried, lambda answer: float(np.log1p(word_count(answer.text))))


def by_overlap(train: Sequence[Answer], tried: Sequence[Answer]) -> Said:
    return line(train, tried, lambda answer: recall(paper_of(answer)))


def line(train: Sequence[Answer], tried: Sequence[Answer], feature: Callable[[Answer], float]) -> Said:
    """A straight line through one feature, and the level nearest to it."""
    known, asked = (np.array([feature(answer) for answer in answers]) for answers in (train, tried))
    scores, levels = scores_of(train), np.unique(scores_of(train))
    slope, height = np.polyfit(known, scores, 1) if known.std() else (0.0, scores.mean())
    expected = np.clip(slope * asked + height, scores.min(), scores.max())
    return Said(expected, levels[np.abs(expected[:, None] - levels[None]).argmin(axis=1)])


METHODS: dict[str, Method] = {
    "local model": model,
    "word overlap": by_overlap,
    "word count": by_words,
    "most frequent": most_frequent,
}


WITH_VECTORS = "with vectors"
ON_ESSAYS = {"local model", WITH_VECTORS, "word count"}


def methods_here() -> dict[str, Method]:
    """With the local model on vectors where an embedding model is named; says so where none is."""
    server = EmbeddingServer.named_by_environment()
    if server is None:
        print("EMBEDDING_URL names no embedding model: the local model with vectors was not measured.")
        return METHODS
    return {**METHODS, WITH_VECTORS: partial(model, server=server)}


def never_seen(part: Part, learnt: int, *, methods: Mapping[str, Method]) -> None:
    train = random.Random(1).sample(part.train, min(learnt, len(part.train)))
    for name, tried in part.tests.items():
        print(f"  {part.name}, {name}: {len(tried)} answers, learnt from {len(train)}")
        for label, method in methods.items():
            print(f"    {label:14} {figures(tried, method(train, tried))}", flush=True)


def figures(tried: Sequence[Answer], said: Said) -> str:
    scores = scores_of(tried)
    drawn = np.random.default_rng(1).integers(0, len(tried), size=(RESAMPLED, len(tried)))
    parts = []
    for measure, values in ((macro_f1, said.likely), (kappa, said.expected)):
        low, high = np.percentile([measure(scores[rows], values[rows]) for rows in drawn], [2.5, 97.5])
        parts.append(f"{measure(scores, values):.3f} [{low:.3f}, {high:.3f}]")
    return "   ".join(parts)


def learning_curve(part: Part, questions: int, *, methods: Mapping[str, Method]) -> None:
    answers = [*part.train, *(answer for tried in part.tests.values() for answer in tried)]
    alone = by_question(answers)
    courses = [list(chain(*alone[place : place + COURSE])) for place in range(0, len(alone) - COURSE + 1, COURSE)]
    for label, sets in (("one question", alone), (f"{COURSE} questions", courses)):
        for size in CURVE:
            enough = [found for found in sets if len(found) >= size + KEPT][:questions]
            results = [draw(found, size, methods) for found in enough]
            if results:
                print(f"  {part.name}, {label}, {size:3} graded ({len(results)} draws): {means(results)}", flush=True)


def draw(answers: Sequence[Answer], size: int, methods: Mapping[str, Method]) -> dict[str, tuple[float, float]]:
    """Macro-F1 and kappa of each method, learnt from `size` answers and tried on the others."""
    shuffled = random.Random(size).sample(answers, len(answers))
    train, tried = shuffled[:size], shuffled[size : size + 200]
    said = {label: method(train, tried) for label, method in methods.items()}
    scores = scores_of(tried)
    return {label: (macro_f1(scores, one.likely), kappa(scores, one.expected)) for label, one in said.items()}


def means(results: Sequence[dict[str, tuple[float, float]]]) -> str:
    return "; ".join(
        f"{label} {' '.join(mean_of([result[label][at] for result in results]) for at in range(2))}"
        for label in results[0]
    )


def mean_of(values: Sequence[float]) -> str:
    """With the interval of the mean over the draws."""
    drawn = np.random.default_rng(1).choice(values, size=(RESAMPLED, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{np.mean(values):.2f} [{low:.2f}, {high:.2f}]"


def essay_curve(answers: Sequence[Answer], methods: Mapping[str, Method]) -> None:
    prompts = by_question(answers)
    for size in CURVE if prompts else ():
        found = [essay_draw(essays_of, size, methods) for essays_of in prompts]
        columns = "; ".join(f"{label} {mean_of([row[label] for row in found])}" for label in found[0])
        print(f"  essays, {size} graded: {columns}", flush=True)


def essay_draw(answers: Sequence[Answer], size: int, methods: Mapping[str, Method]) -> dict[str, float]:
    """Kappa of the models and of the word count with the grade, and of the two raters with each other."""
    shuffled = random.Random(size).sample(answers, len(answers))
    train, tried = shuffled[:size], shuffled[size : size + 300]
    scores = scores_of(tried)
    shown = [label for label in methods if label in ON_ESSAYS]
    said = {label: kappa(scores, methods[label](train, tried).expected) for label in shown}
    first, second = np.array([answer.raters for answer in tried], dtype=np.float64).T
    return said | {"two raters": kappa(first, second)}


def gate() -> None:
    """Six marks, each as frequent as in a class; an assistant that misses a share of them by one or two marks."""
    dealer = np.random.default_rng(1)
    scores = np.clip(np.round(dealer.normal(3, 1.2, size=20_000)), 0, 5)
    print(f"  bar {DEFAULT_BAR}; agreement of the assistant on all papers, then by sample size")
    for wrong in (0.12, 0.25, 0.40, 0.55, 0.70):
        said = np.clip(
            np.where(dealer.random(len(scores)) < wrong, scores + dealer.choice([-2, -1, 1, 2], len(scores)), scores),
            0,
            5,
        )
        opens = []
        for size in (10, 20, 30, 50, 100):
            drawn = dealer.integers(0, len(scores), size=(2_000, size))
            found = [kappa(scores[rows], said[rows]) >= float(DEFAULT_BAR) for rows in drawn]
            opens.append(f"{size}: {np.mean(found):.0%}")
        print(f"  kappa {kappa(scores, said):.2f}   {'   '.join(opens)}", flush=True)


def queue(part: Part, questions: int) -> None:
    answers = [*part.train, *(answer for tried in part.tests.values() for answer in tried)]
    enough = by_question(answers, at_least=SAMPLE + 3 * KEPT)[:questions]
    for label, wrong in (("good assistant", 0.15), ("weak assistant", 0.35)):
        for order in ("disagreement and confidence", "disagreement alone", "confidence alone"):
            found = np.array([errors_found(answers, wrong, order) for answers in enough])
            shares = "   ".join(
                f"{share:.0%}: {mean:.0%}" for share, mean in zip(SHARES, found.mean(axis=0), strict=True)
            )
            print(f"  {part.name}, {label}, {order} ({len(enough)} questions): {shares}", flush=True)
    print(f"  in random order: {'   '.join(f'{share:.0%}: {share:.0%}' for share in SHARES)}")


def errors_found(answers: Sequence[Answer], wrong: float, order: str) -> list[float]:
    """One class: 20 graded blind, then reviewed in the order of priorities; errors found by each share of the rest."""
    dealer = random.Random(len(answers))
    papers = dealer.sample(answers, len(answers))
    kernel, top = likeness([paper_of(answer) for answer in papers]), max(answer.score for answer in papers) or 1
    scores = scores_of(papers) / top
    said, sure = assistant(scores, wrong, dealer)
    reviewed, hits = list(range(SAMPLE)), []
    ranks: list[int] = []
    while len(reviewed) < len(papers):
        if not ranks or (len(reviewed) - SAMPLE) % AGAIN == 0:
            ranks = ranked(kernel, reviewed, scores, said, sure, order)
        following = next(place for place in ranks if place not in set(reviewed))
        reviewed.append(following)
        hits.append(said[following] != scores[following])
    counts = [round(share * len(hits)) for share in SHARES]
    return [sum(hits[:count]) / max(1, sum(hits)) for count in counts]


def ranked(
    kernel: Numbers, reviewed: Sequence[int], scores: Numbers, said: Numbers, sure: Numbers, order: str
) -> list[int]:
    prediction = predict(kernel, reviewed, scores[reviewed].tolist(), split(len(reviewed)))
    ranks = []
    for place in range(len(scores)):
        points = float(np.clip(prediction.expected[place], 0, 1))
        opinion = (points, points - prediction.miss, points + prediction.miss) if "disagreement" in order else None
        doubt = 1 - float(sure[place]) if "confidence" in order else 0.0
        ranks.append(float(priority(Judged(points=float(said[place]), doubt=doubt), opinion).rank))
    return sorted(range(len(scores)), key=lambda place: -ranks[place])


def assistant(scores: Numbers, wrong: float, dealer: random.Random) -> tuple[Numbers, Numbers]:
    """Another grade for a share of the papers; a confidence that is a little lower there, as models' are."""
    levels = sorted(set(scores.tolist()))
    said, sure = [], []
    for score in scores.tolist():
        others = [level for level in levels if level != score]
        is_wrong = bool(others) and dealer.random() < wrong
        said.append(dealer.choice(others) if is_wrong else score)
        sure.append(min(1.0, max(0.0, dealer.gauss(0.75 if is_wrong else 0.85, 0.1))))
    return np.array(said), np.array(sure)


def paper_of(answer: Answer) -> Paper:
    return Paper(text=answer.text, task=answer.task, references=answer.references, group=answer.question)


def scores_of(answers: Sequence[Answer]) -> Numbers:
    return np.array([answer.score for answer in answers], dtype=np.float64)


def macro_f1(scores: Numbers, said: Numbers) -> float:
    """The mean over the levels of 2 hits / (given + said), as everybody computes it."""
    levels, places = np.unique(np.concatenate([scores, said]), return_inverse=True)
    given, found = places[: len(scores)], places[len(scores) :]
    hits = np.bincount(given[given == found], minlength=len(levels))
    return float(
        (2 * hits / (np.bincount(given, minlength=len(levels)) + np.bincount(found, minlength=len(levels)))).mean()
    )


def kappa(scores: Numbers, said: Numbers) -> float:
    return weighted_kappa(np.column_stack([said, scores])) or 0.0


if __name__ == "__main__":
    main()
