"""The essays' way through the benchmark, on a made-up file in the data set's own format; the essays themselves are not
to be handed on.
"""

import csv
from pathlib import Path

import pytest

from benchmarks.graded_answers import ESSAYS, essays
from benchmarks.grading_agreement import METHODS, essay_curve

COLUMNS = (
    *("essay_id", "essay_set", "essay", "rater1_domain1", "rater2_domain1", "rater3_domain1", "domain1_score"),
    *("rater1_domain2", "rater2_domain2", "domain2_score"),
)
WORDS = ("light", "energy", "chlorophyll", "oxygen", "water", "sugar")


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Forty essays of two sets; in the first the grade is the sum of two raters, who never differ."""
    path = tmp_path / "training_set_rel3.tsv"
    with path.open("w", encoding="latin-1", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, delimiter="\t", restval="")
        rows.writeheader()
        rows.writerows(_row(number) for number in range(80))
    monkeypatch.setenv(ESSAYS, str(path))
    return path


def _row(number: int) -> dict[str, str]:
    points = number % 6
    essay_set, times = ("1", 2) if number < 40 else ("2", 1)
    text = f"Essay {number}, caf\u00e9 \u201cquoted\u201d: {' '.join(WORDS[:points])}".replace("\u201c", '"')
    return {
        "essay_id": str(number),
        "essay_set": essay_set,
        "essay": text.replace("\u201d", '"'),
        "rater1_domain1": str(points),
        "rater2_domain1": str(points if essay_set == "1" else max(0, points - 1)),
        "domain1_score": str(points * times),
    }


def test_the_file_is_read_as_the_data_set_has_it(named: Path) -> None:
    found = essays()
    assert len(found) == 80
    assert (found[5].question, found[5].score, found[5].raters) == ("1", 10.0, (5.0, 5.0))
    assert 'caf\u00e9 "quoted"' in found[5].text


def test_the_table_has_the_models_the_word_count_and_the_two_raters(
    named: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.grading_agreement.CURVE", (20,))
    essay_curve(essays(), METHODS)
    printed = capsys.readouterr().out
    assert printed.startswith("  essays, 20 graded: local model 0.")
    assert "word count" in printed and "two raters 0.9" in printed


def test_without_a_file_nothing_is_measured_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(ESSAYS, raising=False)
    essay_curve(essays(), METHODS)
    assert capsys.readouterr().out == "ASAP_ESSAYS names no file: the essays were not measured.\n"
