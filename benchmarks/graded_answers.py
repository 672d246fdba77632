"""Public answers with grades (docs: targets, judgement): SciEntsBank and Beetle, SAF, and a local copy of the essays.

Scores are levels from 0 on for the three-way labels (contradictory, incorrect, correct), shares of the maximum for SAF
in eighths, and the points of the raters for essays.
"""

import csv
import io
import os
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
SEMEVAL = "short_answers_semeval/semeval-3way.zip"
SAF = "short_answers_saf/SAF2_0.zip"
ESSAYS = "ASAP_ESSAYS"
"""Names a local `training_set_rel3.tsv`; the essays may not be handed on."""
LABELS = {"contradictory": 0.0, "incorrect": 1.0, "correct": 2.0}
EIGHTHS = 8


class Answer(NamedTuple):
    """One graded answer; `raters` is what two people gave by themselves, where two graded."""

    question: str
    task: str
    references: tuple[str, ...]
    text: str
    score: float
    raters: tuple[float, float] | None = None


class Part(NamedTuple):
    """A data set: what may be learnt from, and what is tried on."""

    name: str
    train: list[Answer]
    tests: dict[str, list[Answer]]


def data_sets(folder: Path) -> list[Part]:
    """Those that are there; says which are absent."""
    parts = []
    if (folder / SEMEVAL).exists():
        parts += [semeval(folder / SEMEVAL, kind) for kind in ("sciEntsBank", "beetle")]
    else:
        print(f"{folder / SEMEVAL} is absent: SciEntsBank and Beetle were not measured.")
    if (folder / SAF).exists():
        parts.append(saf(folder / SAF))
    else:
        print(f"{folder / SAF} is absent: SAF was not measured.")
    return parts


def semeval(archive: Path, kind: str) -> Part:
    answers = defaultdict(list)
    for name, root in _questions(archive):
        folders = name.split("/")
        if f"3way/{kind}" not in name:
            continue
        for answer in root.iter("studentAnswer"):
            answers[folders[-2]].append(
                _answer(folders[-1], root, answer.text or "", LABELS[answer.attrib["accuracy"]])
            )
    train = answers.pop(kind)
    return Part(kind, train, {part.removeprefix("test-").replace("-", " "): answers[part] for part in sorted(answers)})


def saf(archive: Path) -> Part:
    answers: dict[str, list[Answer]] = defaultdict(list)
    for name, root in _questions(archive):
        part, question = name.split("/")[-2:]
        given = [
            (row.findtext("response") or "", float(row.findtext("score") or 0)) for row in root.iter("studentAnswer")
        ]
        most = max(score for _, score in given) or 1
        answers[part] += [
            _answer(question, root, text, round(EIGHTHS * score / most) / EIGHTHS) for text, score in given
        ]
    train = answers.pop("training")
    return Part("SAF", train, {part.replace("_", " "): answers[part] for part in sorted(answers)})


def essays() -> list[Answer]:
    """Of the file that the environment names; empty where it names none."""
    path = os.environ.get(ESSAYS)
    if not path:
        print(f"{ESSAYS} names no file: the essays were not measured.")
        return []
    with open(path, encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [_essay(row) for row in rows if row["domain1_score"] and row["rater2_domain1"]]


def _essay(row: dict[str, str]) -> Answer:
    """The grade of some sets is the sum of what the raters gave, so that they are held against each other alone."""
    raters = float(row["rater1_domain1"]), float(row["rater2_domain1"])
    return Answer(row["essay_set"], "", (), row["essay"], float(row["domain1_score"]), raters)


def by_question(answers: Sequence[Answer], *, at_least: int = 0) -> list[list[Answer]]:
    """The answers of each question, in an order that says nothing."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.question].append(answer)
    questions = [found[name] for name in sorted(found) if len(found[name]) >= at_least]
    random.Random(1).shuffle(questions)
    return questions


def _questions(archive: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(archive) as files:
        for name in sorted(files.namelist()):
            if name.endswith(".xml"):
                yield name, ElementTree.parse(io.BytesIO(files.read(name))).getroot()


def _answer(question: str, root: ElementTree.Element, text: str, score: float) -> Answer:
    references = tuple(reference.text or "" for reference in root.iter("referenceAnswer"))
    return Answer(question, root.findtext("questionText") or "", references, text, score)
