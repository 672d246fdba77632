"""The image holds what runs and nothing else; it and compose.yaml start commands, and set settings, that there are."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner

from lti_tool.cli import main
from lti_tool.config import KNOWN
from tests.meta.source import ROOT, modules

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
# Folders of an installation: the image names its own.
KEPT_OUTSIDE = {".lectern", "keys"}


def instructions(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{word} ")]


def copied() -> set[str]:
    return {source for line in instructions("COPY") for source in line.split()[:-1]}


def commands() -> list[list[str]]:
    return [json.loads(words) for words in (*instructions("CMD"), *re.findall(r"command: (\[.+\])", COMPOSE))]


def test_what_is_copied_exists_and_is_all_that_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied() == {line[1:] for line in ignored if line.startswith("!")}
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_what_the_package_reads_beside_itself_is_copied() -> None:
    text = "".join((ROOT / module).read_text(encoding="utf-8") for module in modules())
    read = set(re.findall(r'PROJECT_ROOT / "([^"]+)"', text))
    assert read - KEPT_OUTSIDE <= copied()
    assert read & KEPT_OUTSIDE == KEPT_OUTSIDE


@pytest.mark.parametrize("words", commands(), ids=shlex.join)
def test_what_is_started_is_a_command(words: list[str]) -> None:
    assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0


def test_web_and_worker_are_started() -> None:
    assert {words[0] for words in commands()} == {"serve", "worker"}


def test_what_is_set_is_a_setting() -> None:
    assert set(re.findall(r"\bLECTERN_\w+", DOCKERFILE + COMPOSE)) <= KNOWN


def test_it_installs_what_is_locked_and_nothing_else() -> None:
    installed = re.findall(r"pip install (.+)", DOCKERFILE)
    assert installed == ["--no-cache-dir --require-hashes -r requirements.lock"]


def test_it_does_not_run_as_root() -> None:
    assert instructions("USER")[-1] not in {"root", "0"}
