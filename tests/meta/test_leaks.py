"""Nothing in the repository names the machine it was written on or where its packages came from."""

import re
from pathlib import Path

import pytest

from tests.meta.source import ROOT

SKIPPED = re.compile(r"(^|/)(\.(?!ci/|dockerignore)|__pycache__|vendor|keys|[\w-]+\.egg-info|test-results)")
TEXT = {".py", ".sh", ".js", ".css", ".html", ".md", ".txt", ".cfg", ".toml", ".yaml", ".yml", ".json", ".lock", ""}
LEAKS = {
    "a home folder": re.compile(r"(?<![\w.<])/(work|root|home|Users)/[\w.]"),
    "a package index": re.compile(r"\b(pypi|pythonhosted|npmjs|debian)\.(org|io|com)\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}"),
}


def text_files() -> list[Path]:
    found = (path for path in ROOT.rglob("*") if path.is_file() and path.suffix in TEXT)
    return sorted(path for path in found if not SKIPPED.search(str(path.relative_to(ROOT))))


@pytest.mark.parametrize("leak", LEAKS)
def test_no_file_holds(leak: str) -> None:
    rule = LEAKS[leak]
    this = Path(__file__).resolve()
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in text_files() if path != this}
    assert {str(path.relative_to(ROOT)): found[0] for path, text in texts.items() if (found := rule.search(text))} == {}
