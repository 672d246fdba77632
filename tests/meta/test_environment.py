"""The environment is read in one place and described in the README."""

import ast
from pathlib import Path

import click

from lti_tool.cli import main
from lti_tool.config import KNOWN, SECRETS
from tests.meta.source import PACKAGE, ROOT, modules, tree

# They hand the environment to Settings.from_env, which alone looks into it.
DOORS = {Path("lti_tool/cli/group.py"), Path("wsgi.py")}
# prometheus_client learns in no other way where processes share their counts.
LENT = {Path("lti_tool/web/health/metrics.py")}
README = (ROOT / "README.md").read_text(encoding="utf-8")


def reads_environment(module: Path) -> bool:
    nodes = list(ast.walk(tree(module)))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return bool(names & {"environ", "environb", "getenv"}) and "request.environ" not in ast.unparse(tree(module))


def test_the_environment_is_read_at_the_doors_alone() -> None:
    everything = [*modules(PACKAGE, ROOT / "migrations"), Path("wsgi.py")]
    assert {module for module in everything if reads_environment(module)} == DOORS | LENT


def test_the_readme_names_every_setting() -> None:
    settings = KNOWN | {f"{name}_FILE" for name in SECRETS}
    assert {name for name in settings if f"`{name}`" not in README} == set()


def commands(group: click.Group, *words: str) -> list[str]:
    found: list[str] = []
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found += commands(command, *words, name) if inner else [" ".join((*words, name))]
    return found


def test_the_readme_names_every_command() -> None:
    assert {command for command in commands(main) if f"`lectern {command}" not in README} == set()


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(README.splitlines()) <= 200
