"""Native assignments of a real Moodle: chosen, fetched, marked and approved here, and what Moodle then holds.

Needs MOODLE_DIR beside MOODLE_URL: the course is made by assignment_course.php on Moodle's own machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.moving_on import move_on
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.anonymity import shown_name
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.assignments.models import MoodleAssignment, WorkflowState
from lti_tool.gradebook.assignments.readback import read_back_due
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.models import Grade, Push, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.settlement import settle
from lti_tool.grading.assignments.choosing import choose
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.assignments.offered import offer
from lti_tool.grading.assignments.pulling import pull
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.reviewing import latest_review, save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.moodle.tokens import keep_token
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.moodle import driver

pytestmark = pytest.mark.timeout(300)


@dataclass(kw_only=True)
class Desk:
    """One assignment of that course on our desk, and what Moodle holds of it."""

    session: Session
    runtime: Runtime
    viewer: Viewer
    made: dict[str, Any]
    assignment: MoodleAssignment

    def fetch(self) -> int:
        fetched = pull(self.runtime, self.assignment.id)
        self.session.expire_all()
        assert self.assignment.reason == ""
        return fetched

    def work_of(self, name: str) -> Submission:
        person = self.person(name)
        found = select(Submission).where(
            Submission.placement_id == self.assignment.placement_id, Submission.person_id == person.id
        )
        return self.session.scalars(found.order_by(Submission.attempt.desc())).first()  # type: ignore[return-value]

    def person(self, name: str) -> Person:
        return self.session.scalars(select(Person).where(Person.sub == str(self.made["people"][name]))).one()

    def mark(self, name: str, *choices: str, feedback: str = "Good & <b>clear</b>.\n\nGo on.") -> Grade:
        """Each choice is the title of a level or points; without a rubric the one choice is the points."""
        work, rubric = self.work_of(name), rubric_of(self.session, self.assignment.placement)
        ticks = {}
        for criterion, choice in zip(rubric.criteria if rubric else (), choices, strict=False):
            levels = {level.title: level.id for level in criterion.levels}
            points = None if choice in levels else Decimal(choice)
            ticks[criterion.id] = TickInput(level_id=levels.get(choice), points=points, comment="see above")
        latest = latest_review(self.session, work)
        marking = Marking(
            rubric_id=rubric.id if rubric else None,
            seen=latest.version if latest else 0,
            ticks=ticks,
            points=None if rubric else Decimal(choices[0]),
            feedback=feedback,
        )
        return save_review(self.session, self.viewer, self.assignment.placement, work, marking)

    def send(self) -> Push:
        self.session.execute(update(Push).where(Push.status == PushStatus.TODO).values(next_try_at=now()))
        (delivery,) = claim(self.session, 5)
        settle(self.session, [(delivery, send_to_assignment(self.runtime, delivery))])  # type: ignore[arg-type]
        self.session.flush()
        self.session.expire_all()
        return self.session.get_one(Push, delivery.push_id)

    def approved(self, name: str, *choices: str) -> Push:
        grade = self.mark(name, *choices)
        approve(self.session, self.viewer, grade)
        return self.send()

    def in_moodle(self, name: str) -> dict[str, Any]:
        """What Moodle tells its administrator of the person's work."""
        status: dict[str, Any] = driver.call(
            "mod_assign_get_submission_status", assignid=self.assignment.number, userid=self.made["people"][name]
        )
        return status

    def grades(self) -> dict[int, float]:
        values = {"assignmentids[0]": self.assignment.number}
        found = driver.call("mod_assign_get_grades", **values)["assignments"]
        return {grade["userid"]: float(grade["grade"]) for each in found for grade in each["grades"]}


OpenDesk = Callable[..., Desk]


@pytest.fixture
def desk(session: Session, house: House, runtime: Runtime, made: dict[str, Any]) -> OpenDesk:
    house.platform.issuer = driver.MOODLE
    house.registration.allows_private_addresses = True
    house.course.context_id = str(made["course"])
    write(session, ENABLED, True)
    keep_token(
        session, runtime.secrets, made["tokens"]["full"], platform_id=house.platform.id, course_id=house.course.id
    )
    teacher = viewer_of(house, "teacher")

    def opened(name: str) -> Desk:
        assignment = choose(runtime, session, teacher, made["assignments"][name]["number"])
        viewer = viewer_for(session, move_on(session, teacher, assignment.placement), "browser-of-teacher")
        found = Desk(session=session, runtime=runtime, viewer=viewer, made=made, assignment=assignment)
        found.fetch()
        return found

    return opened


def text_of(plugins: list[dict[str, Any]], kind: str) -> str:
    fields = next(plugin["editorfields"] for plugin in plugins if plugin["type"] == kind)
    return str(fields[0]["text"])


def test_an_essay_is_marked_on_moodles_rubric_and_goes_back_with_fillings_and_comment(desk: OpenDesk) -> None:
    essay = desk("rubric")
    work = essay.work_of("anna")
    assert work.text == "Ice floats because it is less dense." and [f.file.name for f in work.files] == ["sketch.txt"]
    assert essay.session.get_one(PulledWork, work.id).left_out[0]["words"]["name"] == "film.mov"
    assert essay.grades() == {}
    push = essay.approved("anna", "partly", "good")
    assert (push.status, push.reason) == (PushStatus.SUCCEEDED, "")
    assert essay.grades() == {essay.made["people"]["anna"]: 37.5}
    feedback = essay.in_moodle("anna")["feedback"]
    comment = text_of(feedback["plugins"], "comments")
    assert "Good &amp; &lt;b&gt;clear&lt;/b&gt;." in comment and "<p>Go on.</p>" in comment
    assert fillings(essay) == {("partly", "see above"), ("good", "see above")}
    read_back_due(essay.runtime)
    essay.session.expire_all()
    assert (push.status, push.result_score) == (PushStatus.SUCCEEDED, Decimal("37.5"))


def fillings(essay: Desk) -> set[tuple[str, str]]:
    """Moodle's own fillings, with the words of the chosen levels."""
    values = {"cmids[0]": essay.assignment.module, "areaname": "submissions"}
    definitions = driver.call("core_grading_get_definitions", **values)["areas"][0]["definitions"]
    definition = next(each for each in definitions if each["method"] == "rubric")
    levels = {
        level["id"]: level["definition"] for each in definition["rubric"]["rubric_criteria"] for level in each["levels"]
    }
    instances = driver.call("core_grading_get_gradingform_instances", definitionid=definition["id"])["instances"]
    current = next(each for each in instances if each["status"] == 1)
    return {(levels[each["levelid"]], each["remark"]) for each in current["rubric"]["criteria"]}


def test_points_between_levels_are_refused_before_moodle_could(desk: OpenDesk) -> None:
    essay = desk("rubric")
    with pytest.raises(InvalidInput, match="Choose a level for “Clarity”"):
        essay.mark("ben", "3", "good")


def test_a_draft_reaches_nobody(desk: OpenDesk) -> None:
    essay = desk("rubric")
    before = essay.grades()
    essay.mark("ben", "clear", "good")
    assert claim(essay.session, 5) == [] and essay.grades() == before


def test_a_marking_guide_gets_its_points(desk: OpenDesk) -> None:
    essay = desk("guide")
    assert essay.approved("anna", "6.5").status == PushStatus.SUCCEEDED
    assert list(essay.grades().values()) == [81.25]


def test_blind_work_shows_no_name_and_waits_in_moodles_workflow(desk: OpenDesk) -> None:
    essay = desk("blind")
    person = essay.person("cleo")
    assert person.name == "" and shown_name(essay.assignment.placement, person, is_released=True) != "Cleo Tester"
    assert essay.approved("cleo", "40").status == PushStatus.SUCCEEDED
    status = essay.in_moodle("cleo")
    assert status["lastattempt"]["gradingstatus"] == WorkflowState.READY_FOR_RELEASE
    assert list(essay.grades().values()) == [40.0]


def test_the_work_of_a_team_is_every_members_and_each_is_graded_alone(desk: OpenDesk) -> None:
    essay = desk("team")
    works = [essay.work_of(name) for name in ("anna", "ben")]
    assert [work.text for work in works] == ["We wrote this."] * 2
    assert essay.session.get_one(PulledWork, works[0].id).group_name == "Red team"
    assert essay.approved("anna", "30").status == PushStatus.SUCCEEDED
    assert essay.in_moodle("ben").get("feedback", {}).get("grade") is None
    assert float(essay.in_moodle("anna")["feedback"]["grade"]["grade"]) == 30


def test_a_grade_that_reopens_the_work_is_sent_once_and_the_old_attempt_is_over(desk: OpenDesk) -> None:
    essay = desk("again")
    assert essay.approved("anna", "20").status == PushStatus.SUCCEEDED
    assert essay.in_moodle("anna")["lastattempt"]["submission"]["attemptnumber"] == 1
    push = essay.approved("anna", "25")
    assert (push.status, push.reason) == (PushStatus.FAILED, "attempt_over")


def test_assignments_without_points_are_listed_with_the_reason(desk: OpenDesk, runtime: Runtime) -> None:
    essay = desk("guide")
    found = {each.listed.name: each for each in offer(runtime, essay.session, essay.viewer).assignments}
    assert {name for name, each in found.items() if each.refusal} == {"On a scale", "Without a grade"}
    assert found["Essay on steam"].is_marked_here


def test_a_token_that_is_not_enough_names_the_missing_functions(
    desk: OpenDesk, runtime: Runtime, house: House, made: dict[str, Any]
) -> None:
    essay = desk("guide")
    text = made["tokens"]["poor"]
    keep_token(essay.session, runtime.secrets, text, platform_id=house.platform.id, course_id=house.course.id)
    assert "mod_assign_save_grade" in offer(runtime, essay.session, essay.viewer).token.missing
