"""Small enough to read: functions, modules, scripts; and few excuses."""

import ast
import re
from pathlib import Path

from tests.meta.source import PACKAGE, ROOT, functions, modules

LONGEST_FUNCTION = 50
LONGEST_MODULE = 300
LONGEST_SCRIPT = 300
EXCUSE = re.compile(r"#\s*(type: ignore|noqa)(\[[a-z-]+\]|: [A-Z]+\d+)?")


def lines_of(path: Path) -> list[str]:
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_every_function_fits_on_a_screen() -> None:
    everything = modules(PACKAGE, ROOT / "tests")
    long = [
        (module, node.name) for module in everything for node in functions(module) if length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_every_module_has_one_subject() -> None:
    assert [module for module in modules() if len(lines_of(module)) > LONGEST_MODULE] == []


def test_every_script_keeps_the_budget() -> None:
    scripts = (ROOT / "static" / "js").rglob("*.js")
    assert [script.name for script in scripts if len(lines_of(script)) > LONGEST_SCRIPT] == []


def test_excuses_are_few_and_name_their_rule() -> None:
    lines = [line for module in modules() for line in lines_of(module)]
    excuses = [found for line in lines for found in EXCUSE.finditer(line)]
    assert [found.string.strip() for found in excuses if not found[2]] == []
    assert len(excuses) <= 2 * len(lines) / 1000
