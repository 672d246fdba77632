"""Who may import what."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.meta.source import ROOT, functions, imported_names, modules, tree

# WeasyPrint cannot be imported where Pango is missing, and the tool must start without it.
# RapidOCR and onnxruntime are an extra, and a hundred megabytes for a process that reads no scan.
# ziamath loads its fonts when it is imported, in every process that prints nothing.
# scikit-learn costs a second and a hundred megabytes, and only the worker that learns should pay them.
# So does what of scipy puts numbers to papers, with 37 MB.
LATE = {"weasyprint", "rapidocr", "onnxruntime", "scipy", "sklearn", "ziamath"}


def may_use_flask(module: Path) -> bool:
    part = module.relative_to("lti_tool")
    return part.parts[0] in {"app.py", "web", "demo"} or part.name in {"views.py", "socket.py"}


def test_imports_go_down_only() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def packages_in(node: ast.AST) -> set[str]:
    """The packages that any import statement within a node names."""
    return {name.partition(".")[0] for inner in ast.walk(node) for name in imported_names(inner)}


def test_nothing_is_imported_inside_a_function() -> None:
    late = {(module, name) for module in modules() for node in functions(module) for name in packages_in(node) - LATE}
    assert late == set()


def test_flask_stays_at_the_edge() -> None:
    assert [module for module in modules() if "flask" in packages_in(tree(module)) and not may_use_flask(module)] == []
