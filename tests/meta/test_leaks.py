"""Nothing in the repository names the machine it was written on or where its packages came from."""

import re
from functools import cache
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


@cache
def texts() -> dict[Path, str]:
    found = (
        path for path in ROOT.rglob("*") if path.suffix in TEXT and not SKIPPED.search(str(path.relative_to(ROOT)))
    )
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(found) if path.is_file()}


@pytest.mark.parametrize("leak", LEAKS)
def test_no_file_holds(leak: str) -> None:
    rule = LEAKS[leak]
    this = Path(__file__).resolve()
    found = {path: rule.search(text) for path, text in texts().items() if path != this}
    assert {str(path.relative_to(ROOT)): leak[0] for path, leak in found.items() if leak} == {}
