"""Confirmed papers in assignments of a real Moodle: as feedback files, and handed in with their students' keys.

Needs MOODLE_DIR beside MOODLE_URL: the course is made by paper_course.php on Moodle's own machine.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.gradebook.models import Push
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.settlement import settle
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.reviewing import save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.moodle.functions import FEEDBACK_FILES, FILE_NAMES, HANDING_IN, MARKING, READING_BACK, SITE
from lti_tool.moodle.tokens import keep_token
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.arranging import arrange
from lti_tool.scans.delivery.keys import lend_key
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget
from lti_tool.scans.delivery.outbox import deliver_due
from lti_tool.scans.delivery.states import DeliveryState, Mode
from lti_tool.scans.delivery.targets import choose_target, offer
from lti_tool.scans.delivery.watching import compare_all
from lti_tool.scans.handover.handing_over import hand_paper_over
from lti_tool.scans.models import Paper
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.moodle import driver
from tests.scans import conftest as papers
from tests.scans.conftest import EXAM, PaperOf

# The papers of the tests of scans; as a plugin that folder's file would be there twice.
store, teacher = papers.store, papers.teacher
arrive, bound, release, released, confirmed = (
    papers.arrive,
    papers.bound,
    papers.release,
    papers.released,
    papers.confirmed,
)
pytestmark = pytest.mark.timeout(300)

PICTURES = os.environ.get("MOODLE_SCREENSHOTS", "")
S = DeliveryState


@pytest.fixture(scope="module")
def made_papers(real_moodle: None) -> dict[str, Any]:
    """A course with assignments that papers may go to: numbers, names, a token and the students' keys."""
    if "MOODLE_DIR" not in os.environ:
        pytest.skip("needs MOODLE_DIR, the folder of the real Moodle")
    script = Path(__file__).with_name("paper_course.php")
    needed = (FEEDBACK_FILES, FILE_NAMES, MARKING, READING_BACK)
    of_course = {SITE, *(name for each in needed for name in each.functions)}
    of_students = {SITE, *HANDING_IN.functions}
    php = ["php", "--", os.environ["MOODLE_DIR"], ",".join(sorted(of_course)), ",".join(sorted(of_students))]
    command = ["runuser", "-u", "www-data", "--", *php] if os.geteuid() == 0 else php
    output = subprocess.check_output(command, input=script.read_bytes(), stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
    return found


@dataclass(kw_only=True)
class Hall:
    """An exam whose student is one of that course, with a confirmed paper."""

    session: Session
    runtime: Runtime
    house: House
    teacher: Viewer
    made: dict[str, Any]
    paper: Paper

    @property
    def user(self) -> int:
        return int(self.house.student.sub)

    @property
    def student(self) -> Viewer:
        return viewer_of(self.house, "student", EXAM)

    def choose(self, name: str, mode: Mode) -> DeliveryTarget:
        return choose_target(self.runtime, self.session, self.teacher, self.made["assignments"][name]["number"], mode)

    def lend(self, key: str = "anna", *, accepts_statement: bool = False) -> None:
        lend_key(self.runtime, self.session, self.student, self.made["keys"][key], accepts_statement=accepts_statement)

    def deliver(self) -> Delivery:
        target = self.session.scalars(select(DeliveryTarget).where(DeliveryTarget.is_active)).one()
        arrange(self.session, target)
        self.session.execute(update(Delivery).where(Delivery.state == S.RETRY).values(next_try_at=now()))
        self.session.flush()
        deliver_due(self.runtime)
        self.session.expire_all()
        live = select(Delivery).where(Delivery.state != S.WITHDRAWN, Delivery.target_id == target.id)
        return self.session.scalars(live.order_by(Delivery.approval_id.nulls_last()).limit(1)).one()

    def in_moodle(self, name: str) -> dict[str, Any]:
        """What Moodle tells its administrator."""
        number = self.made["assignments"][name]["number"]
        told: dict[str, Any] = driver.call("mod_assign_get_submission_status", assignid=number, userid=self.user)
        return told

    def approve(self, *choices: str) -> Push:
        """Mark the work; gradebook sends what was approved."""
        self.mark(*choices)
        sent = [each for each in claim(self.session, 5) if isinstance(each, AssignmentDelivery)]
        settle(self.session, [(each, send_to_assignment(self.runtime, each)) for each in sent])
        self.session.flush()
        self.session.expire_all()
        return self.session.scalars(select(Push).where(Push.moodle_assignment_id.is_not(None))).one()

    def mark(self, *choices: str) -> None:
        """Approve a review of it; each choice is the title of a level or points."""
        work = self.session.scalars(select(Submission).where(Submission.placement_id == self.paper.placement_id)).one()
        exam, kept = self.house.placements[EXAM], rubric_of(self.session, self.house.placements[EXAM])
        ticks = {}
        for criterion, choice in zip(kept.criteria if kept else (), choices, strict=False):
            levels = {level.title: level.id for level in criterion.levels}
            points = None if choice in levels else Decimal(choice)
            ticks[criterion.id] = TickInput(level_id=levels.get(choice), points=points, comment="see there")
        points = None if kept else Decimal(choices[0])
        marking = Marking(
            rubric_id=kept.id if kept else None, seen=0, ticks=ticks, points=points, feedback="Good & clear."
        )
        approve(self.session, self.teacher, save_review(self.session, self.teacher, exam, work, marking))

    def bytes_of(self, delivery: Delivery) -> bytes:
        assert delivery.file is not None
        return FileStore.of(self.runtime.settings).path(delivery.file).read_bytes()


@pytest.fixture
def hall(
    session: Session,
    house: House,
    runtime: Runtime,
    teacher: Viewer,
    confirmed: PaperOf,
    made_papers: dict[str, Any],
) -> Hall:
    house.platform.issuer = driver.MOODLE
    house.registration.allows_private_addresses = True
    house.course.context_id = str(made_papers["course"])
    house.student.sub = str(made_papers["people"]["anna"])
    house.placements[EXAM].points = 50
    write(session, ENABLED, True)
    keep_token(session, runtime.secrets, made_papers["token"], platform_id=house.platform.id, course_id=house.course.id)
    paper = confirmed()
    hand_paper_over(runtime.engine, FileStore.of(runtime.settings), paper.id)
    session.expire_all()
    return Hall(session=session, runtime=runtime, house=house, teacher=teacher, made=made_papers, paper=paper)


@pytest.fixture
def bens_hall(hall: Hall) -> Hall:
    """The same for Ben."""
    hall.house.student.sub = str(hall.made["people"]["ben"])
    hall.session.flush()
    return hall


def files_of(plugins: list[dict[str, Any]]) -> dict[str, bytes]:
    """The files of an answer, fetched with the administrator's token."""
    listed = [
        file for each in plugins if each["type"] == "file" for area in each["fileareas"] for file in area["files"]
    ]
    token = driver.seed()["admin_token"]
    return {file["filename"]: requests.get(file["fileurl"], {"token": token}, timeout=60).content for file in listed}


def work_files(hall: Hall, name: str) -> dict[str, bytes]:
    """What Anna has handed in there, or begun to."""
    return files_of(hall.in_moodle(name)["lastattempt"].get("submission", {}).get("plugins", []))


def text_of(plugins: list[dict[str, Any]], kind: str) -> str:
    return str(next(each["editorfields"] for each in plugins if each["type"] == kind)[0]["text"])


def picture(chromium: Browser, hall: Hall, user: str, name: str, address: str) -> None:
    """For whoever wants to look."""
    if not PICTURES:
        return
    with signed_in(chromium, user) as page:
        page.goto(f"{driver.MOODLE}{address}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@contextmanager
def signed_in(chromium: Browser, user: str) -> Iterator[Page]:
    """One of the people of paper_course.php."""
    profile = chromium.new_context(viewport={"width": 1280, "height": 900})
    profile.set_default_timeout(driver.PATIENCE)
    page = profile.new_page()
    page.goto(f"{driver.MOODLE}/login/index.php")
    page.fill("#username", user)
    page.fill("#password", "Pass-1234")
    page.click("#loginbtn")
    page.wait_for_url(lambda url: "/login/" not in url)
    yield page
    profile.close()


def test_a_scan_lies_among_the_feedback_without_a_grade(hall: Hall, chromium: Browser) -> None:
    hall.choose("points", Mode.FEEDBACK)
    done = hall.deliver()
    assert (done.state, done.reason) == (S.CONFIRMED, "")
    told = hall.in_moodle("points")["feedback"]
    (content,) = files_of(told["plugins"]).values()
    assert content == hall.bytes_of(done) and hashlib.sha256(content).hexdigest() == done.sha256
    assert float(told["grade"]["grade"]) == -1 and text_of(told["plugins"], "comments") == ""
    module = hall.made["assignments"]["points"]["module"]
    picture(chromium, hall, hall.made["names"]["anna"], "paper-scan-student", f"/mod/assign/view.php?id={module}")


@pytest.mark.parametrize(("name", "choices", "grade"), [("points", ["37.5"], 37.5), ("rubric", ["clear", "none"], 20)])
def test_after_the_approval_the_marked_copy_follows_grade_comment_and_fillings(
    bens_hall: Hall, chromium: Browser, name: str, choices: list[str], grade: float
) -> None:
    hall = bens_hall
    hall.choose(name, Mode.FEEDBACK)
    assert hall.deliver().state == S.CONFIRMED
    push = hall.approve(*choices)
    assert (push.status, push.reason) == ("succeeded", "")
    done = hall.deliver()
    assert (done.kind, done.state, done.reason) == ("marked", S.CONFIRMED, "")
    told = hall.in_moodle(name)["feedback"]
    found = files_of(told["plugins"])
    short = hall.paper.id.hex[:8]
    assert sorted(found) == [f"marked-{short}.pdf", f"paper-{short}.pdf"]
    assert found[f"marked-{short}.pdf"] == hall.bytes_of(done)
    assert float(told["grade"]["grade"]) == grade and "Good &amp; clear." in text_of(told["plugins"], "comments")
    module = hall.made["assignments"][name]["module"]
    user = hall.made["people"]["ben"]
    grading = f"/mod/assign/view.php?id={module}&action=grader&userid={user}"
    picture(chromium, hall, hall.made["teacher"], f"paper-marked-{name}-teacher", grading)
    picture(
        chromium, hall, hall.made["names"]["ben"], f"paper-marked-{name}-student", f"/mod/assign/view.php?id={module}"
    )


def test_a_marking_guide_is_left_empty_before_an_approval(hall: Hall) -> None:
    hall.choose("guide", Mode.FEEDBACK)
    assert hall.deliver().state == S.CONFIRMED
    assert float(hall.in_moodle("guide")["feedback"]["grade"]["grade"]) == -1


def test_a_marking_workflow_is_respected(hall: Hall) -> None:
    hall.choose("workflow", Mode.FEEDBACK)
    waiting = hall.deliver()
    assert (waiting.state, waiting.reason) == (S.RETRY, "workflow")
    number = hall.made["assignments"]["workflow"]["number"]
    flags = {"userflags[0][userid]": hall.user, "userflags[0][workflowstate]": "released"}
    driver.call("mod_assign_set_user_flags", assignmentid=number, **flags)
    assert hall.deliver().state == S.CONFIRMED
    status = hall.in_moodle("workflow")
    assert status["lastattempt"]["gradingstatus"] == "released" and len(files_of(status["feedback"]["plugins"])) == 1


def test_feedback_that_a_teacher_gave_in_moodle_is_not_written_over(hall: Hall) -> None:
    hall.choose("byhand", Mode.FEEDBACK)
    editor = "plugindata[assignfeedbackcomments_editor]"
    said = {f"{editor}[text]": "By hand", f"{editor}[format]": 1, "workflowstate": "", "applytoall": 0, "addattempt": 0}
    number = hall.made["assignments"]["byhand"]["number"]
    driver.call("mod_assign_save_grade", assignmentid=number, userid=hall.user, grade=12, attemptnumber=-1, **said)
    stuck = hall.deliver()
    assert (stuck.state, stuck.reason) == (S.CONFLICT, "feedback_there")
    told = hall.in_moodle("byhand")["feedback"]
    assert float(told["grade"]["grade"]) == 12 and "By hand" in text_of(told["plugins"], "comments")


@pytest.mark.parametrize("name", ["drafts", "direct"])
def test_a_paper_is_handed_in_as_its_student(hall: Hall, chromium: Browser, name: str) -> None:
    hall.choose(name, Mode.HAND_IN)
    assert hall.deliver().reason == "key_needed"
    hall.lend()
    done = hall.deliver()
    assert (done.state, done.reason) == (S.CONFIRMED, "")
    work = hall.in_moodle(name)["lastattempt"]["submission"]
    (content,) = files_of(work["plugins"]).values()
    assert (work["status"], work["userid"], content) == ("submitted", hall.user, hall.bytes_of(done))
    assert compare_all(hall.runtime) == 0
    module = hall.made["assignments"][name]["module"]
    picture(chromium, hall, hall.made["names"]["anna"], f"paper-{name}-student", f"/mod/assign/view.php?id={module}")
    listed = f"/mod/assign/view.php?id={module}&action=grading"
    picture(chromium, hall, hall.made["teacher"], f"paper-{name}-teacher", listed)


def test_a_second_run_finds_it_there_and_hands_in_nothing(hall: Hall) -> None:
    hall.choose("drafts", Mode.HAND_IN)
    hall.lend()
    first = hall.deliver()
    before = hall.in_moodle("drafts")["lastattempt"]["submission"]["timemodified"]
    assert first.state in {S.CONFIRMED, S.CONFLICT}, "the student's paper of an earlier test lies there"
    assert hall.in_moodle("drafts")["lastattempt"]["submission"]["timemodified"] == before


def test_a_statement_must_be_agreed_to(hall: Hall) -> None:
    assert hall.choose("statement", Mode.HAND_IN).statement
    with pytest.raises(InvalidInput, match="statement_needed"):
        hall.lend()
    hall.lend(accepts_statement=True)
    assert hall.deliver().state == S.CONFIRMED


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("over", S.BLOCKED, "cut_off"),
        ("small", S.BLOCKED, "file_too_large"),
        ("taken", S.CONFLICT, "work_there"),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_written_over(
    hall: Hall, name: str, state: DeliveryState, reason: str
) -> None:
    hall.choose(name, Mode.HAND_IN)
    hall.lend()
    before = work_files(hall, name)
    stuck = hall.deliver()
    assert (stuck.state, stuck.reason) == (state, reason)
    assert work_files(hall, name) == before


def test_the_key_of_somebody_else_hands_in_nothing(hall: Hall) -> None:
    hall.choose("drafts", Mode.HAND_IN)
    with pytest.raises(InvalidInput, match="key_of_another"):
        hall.lend("ben")


def test_assignments_are_offered_with_the_reason_why_not(hall: Hall) -> None:
    found = {each.rules.listed.name: each for each in offer(hall.runtime, hall.session, hall.teacher).assignments}
    team = found["Exam of groups"].refusals
    assert all(refusal is not None and refusal.code == "assignment_team" for refusal in team.values())
    assert found["Exam by points"].refusals == {Mode.FEEDBACK: None, Mode.HAND_IN: None}
