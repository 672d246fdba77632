"""`lectern scans ingest` and `watch` as a person starts them, while the tool runs: its pages show what came in."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import requests

from lti_tool.accounts.models import PlacementKind
from lti_tool.config import PROJECT_ROOT
from lti_tool.db import transaction
from lti_tool.demo.processes import environment_of
from lti_tool.scans.exam import set_subject
from lti_tool.web.browser_cookie import NAME
from tests.files import samples
from tests.fixtures.live import LiveTool
from tests.fixtures.people import bind_launch, build_house
from tests.fixtures.services import viewer_of

EXAM, SUBJECT, BROWSER = PlacementKind.EXAM, "BIO210", "browser-of-teacher"


@dataclass(frozen=True, kw_only=True)
class Hall:
    """A running tool with an exam, whose teacher looks at it, and a shell on its machine."""

    tool: LiveTool
    exam_id: UUID
    teacher_id: int
    number: str
    launch_id: UUID
    folder: Path

    def run(self, command: str, *words: str) -> "subprocess.CompletedProcess[str]":
        url = self.tool.runtime.engine.url.render_as_string(hide_password=False)
        environment = environment_of(self.tool.runtime.settings, url)
        line = [sys.executable, "-m", "lti_tool", "scans", command, str(self.folder), "--exam", str(self.exam_id)]
        return subprocess.run(
            [*line, *words], cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
        )

    @property
    def page(self) -> str:
        address = f"{self.tool.url}/l/{self.launch_id}/scans/"
        answer = requests.get(address, cookies={NAME: BROWSER}, timeout=60)
        assert answer.status_code == 200
        return answer.text

    def paper(self, *, pages: int = 1) -> tuple[str, bytes]:
        return f"{self.number}_{SUBJECT}.pdf", samples.pdf(*["Answer"] * pages)


@pytest.fixture
def hall(live_tool: LiveTool, tmp_path: Path) -> Hall:
    folder = tmp_path / "scans"
    (folder / "room 12").mkdir(parents=True)
    with transaction(live_tool.runtime.engine) as session:
        house = build_house(session)
        set_subject(session, viewer_of(house, "teacher", EXAM), SUBJECT)
        return Hall(
            tool=live_tool,
            exam_id=house.placements[EXAM].id,
            teacher_id=house.teacher.id,
            number=house.student.idnumber,
            launch_id=bind_launch(house, "teacher", EXAM, BROWSER).id,
            folder=folder,
        )


def test_a_folder_is_added_to_an_exam_and_each_bad_file_says_why(hall: Hall) -> None:
    name, content = hall.paper()
    (hall.folder / "room 12" / name).write_bytes(content)
    (hall.folder / "notes.txt").write_text("no scan")
    said = hall.run("ingest", "--by", str(hall.teacher_id))
    assert said.returncode == 1 and f"{name}: received" in said.stdout
    assert "notes.txt: " in said.stdout and "Not every file was taken." in said.stderr
    assert name in hall.page and "notes.txt" in hall.page
    again = hall.run("ingest", "--by", str(hall.teacher_id))
    assert "received already" in again.stdout


def test_nobody_answers_for_a_pile_unless_it_is_said(hall: Hall) -> None:
    said = hall.run("ingest")
    assert said.returncode == 1 and "--by" in said.stderr
    assert hall.run("ingest", "--by", "1", "--exam", "00000000-0000-0000-0000-000000000000").returncode == 1


def test_what_a_scanner_leaves_in_a_folder_is_taken_and_put_away(hall: Hall) -> None:
    name, content = hall.paper(pages=2)
    (hall.folder / name).write_bytes(content)
    (hall.folder / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    said = hall.run("watch", "--by", str(hall.teacher_id), "--every", "1", "--once")
    assert said.returncode == 0, said.stderr
    assert [path.name for path in (hall.folder / "taken").iterdir()] == [name]
    assert [path.name for path in (hall.folder / "refused").iterdir()] == ["broken.pdf"]
    assert name in hall.page and "broken.pdf" in hall.page
