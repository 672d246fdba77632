"""PDFs are drawn by a library of the operating system, and where it is missing that is said."""

import sys
from pathlib import Path

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.files.drawing import can_draw, drawer


@pytest.fixture
def without_pango(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WeasyPrint that fails as the real one does: when it is imported."""
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpangoft2-1.0-0'\")")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)


def test_this_machine_can_draw() -> None:
    assert can_draw()


@pytest.mark.usefixtures("without_pango")
def test_a_missing_library_is_named() -> None:
    with pytest.raises(InvalidInput, match="Pango"):
        drawer()
