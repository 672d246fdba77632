"""Where neither onnxruntime nor RapidOCR can be imported, papers still come in by their names and codes (R76, R84)."""

import os
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.files import sandbox
from lti_tool.runtime import Runtime
from lti_tool.scans.models import SentFile
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Evidence
from lti_tool.scans.states import Basis, FileState, PaperState
from lti_tool.scans.tasks import read_pages
from tests.files import samples
from tests.fixtures.people import Enter, House
from tests.scans.conftest import EXAM, TakeIn, name_of, only_paper

ABSENT = ("onnxruntime", "rapidocr")


@pytest.fixture(autouse=True)
def without_networks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither here nor in the limited process that reads pages."""
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({ABSENT!r}))\n"
    (tmp_path / "sitecustomize.py").write_text(blocked, encoding="utf-8")
    monkeypatch.setattr(sandbox, "PROJECT_ROOT", f"{tmp_path}{os.pathsep}{sandbox.PROJECT_ROOT}")
    for name in ABSENT:
        monkeypatch.setitem(sys.modules, name, None)


def test_the_limited_process_has_none_either() -> None:
    assert sandbox.run(_present) == []


def _present() -> list[str]:
    return [name for name in ABSENT if sys.modules.get(name, "") is not None]


def test_a_file_is_somebodys_by_its_name_and_staff_go_on(
    session: Session, house: House, take_in: TakeIn, runtime: Runtime, enter: Enter
) -> None:
    assert take_in((name_of(house, "student"), samples.pdf("Page one", "Page two")))[0].is_accepted
    sent = session.scalars(select(SentFile)).one()
    read_pages(runtime, sent_file_id=str(sent.id), first=1, last=2)
    session.expire_all()
    paper = only_paper(session)
    assert (sent.state, paper.state, paper.basis) == (FileState.READ, PaperState.BOUND, Basis.FILENAME)
    assert all(page.image is not None for page in pages_of(session, paper))
    assert set(session.scalars(select(Evidence.kind))) == {"filename"}
    board = enter("teacher", EXAM).page("scans/")
    assert house.student.display_name in board.get_text()


def test_the_health_page_says_that_they_are_missing(app: Flask) -> None:
    said = app.test_client().get("/healthz").get_json()
    assert said == {"status": "live", "text_recognition": False, "handwriting": False}
