"""Fetching work: whose it becomes, what is left out, and what happens when Moodle or somebody's file fails."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Membership, Person, Role
from lti_tool.gradebook.anonymity import shown_name
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.assignments.tasks import poll
from lti_tool.grading.models import SubmissionState
from lti_tool.site_settings.catalogue import ENABLED, MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import write
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import NOW, FakeAssignment, rubric
from tests.fixtures.people import House
from tests.grading.assignments.conftest import Choose, Essay


def test_text_and_files_become_a_submission(chosen: Choose, listed: FakeAssignment, user: int) -> None:
    essay = chosen(listed)
    sketch = essay.moodle.file("5/assignsubmission_file/submission_files/1/sketch.txt", b"A sketch.\n")
    listed.hand_in(user, "<p>Ice <b>floats</b>.</p><p>It is light.</p>", files=[sketch])
    assert essay.fetch() == 1
    (work,) = essay.works()
    assert work.text == "Ice floats.\n\nIt is light." and work.state == SubmissionState.SUBMITTED
    assert [each.file.name for each in work.files] == ["sketch.txt"]
    assert int(work.submitted_at.timestamp()) == NOW


def test_fetched_again_there_is_nothing_new(essay: Essay) -> None:
    assert essay.fetch() == 0
    assert len(essay.works()) == 1 and essay.assignment.seen_until == NOW
    assert essay.assignment.reason == "" and essay.assignment.polled_at is not None


def test_changed_work_is_the_next_attempt(essay: Essay, user: int) -> None:
    essay.listed.hand_in(user, "<p>Second thoughts</p>", changed_at=NOW + 60)
    assert essay.fetch() == 1
    assert [(work.attempt, work.text) for work in essay.works()] == [(2, "Second thoughts"), (1, "My essay")]


@pytest.mark.parametrize("status", ["draft", "new", "reopened"])
def test_what_is_not_handed_in_is_not_fetched(chosen: Choose, services: FakeMoodle, user: int, status: str) -> None:
    listed = services.assign()
    listed.hand_in(user, status=status)
    essay = chosen(listed)
    assert essay.fetch() == 0 and essay.works() == []


def test_a_file_that_cannot_be_taken_is_named_and_the_rest_comes(
    session: Session, chosen: Choose, services: FakeMoodle, user: int
) -> None:
    write(session, MAX_FILE_SIZE_MB, 1)
    film = services.file("1/film.mp4", b"\x00\x01\x02")
    large = services.file("1/large.txt", b"x", filesize=2_000_000)
    gone = services.file("1/gone.txt", b"") | {"fileurl": "http://elsewhere.test/gone.txt"}
    note = services.file("1/note.txt", b"Kept.\n")
    listed = services.assign()
    listed.hand_in(user, files=[film, large, gone, note])
    essay = chosen(listed)
    essay.fetch()
    (work,) = essay.works()
    left_out = essay.session.get_one(PulledWork, work.id).left_out
    assert [each.file.name for each in work.files] == ["note.txt"]
    assert [each["words"].get("name") for each in left_out] == ["film.mp4", "large.txt", None]


def test_people_whom_nobody_knew_join_and_known_ones_keep_their_role(
    chosen: Choose, services: FakeMoodle, house: House
) -> None:
    listed = services.assign()
    listed.hand_in(77)
    listed.participants[int(house.teacher.sub)] = {"id": int(house.teacher.sub), "fullname": "Somebody"}
    essay = chosen(listed)
    essay.fetch()
    person = essay.session.scalars(select(Person).where(Person.sub == "77")).one()
    roles = dict(essay.session.execute(select(Membership.person_id, Membership.roster_role)).all())
    assert person.name == "Person 77" and len(essay.works(person)) == 1
    assert roles[house.teacher.id] == Role.TEACHER


def test_blind_work_brings_no_names(chosen: Choose, services: FakeMoodle, house: House) -> None:
    listed = services.assign(blindmarking=1)
    listed.hand_in(77)
    essay = chosen(listed)
    essay.fetch()
    person = essay.session.scalars(select(Person).where(Person.sub == "77")).one()
    assert person.name == ""
    for is_released in (False, True):
        shown = shown_name(essay.assignment.placement, house.student, is_released=is_released)
        assert shown not in house.student.display_name and len(shown) == 6


def test_the_work_of_a_group_is_every_members(chosen: Choose, services: FakeMoodle, house: House) -> None:
    listed = services.assign(teamsubmission=1)
    for name, group in (("student", 9), ("other_student", 9)):
        number = int(house.people[name].sub)
        listed.participants[number] = {"id": number, "fullname": name, "groupid": group, "groupname": "Red"}
    listed.participants[77] = {"id": 77, "fullname": "Alone", "groupid": 0}
    listed.hand_in(0, "<p>We wrote this.</p>", group=9)
    listed.participants.pop(0)
    essay = chosen(listed)
    essay.fetch()
    works = [essay.works(house.people[name])[0] for name in ("student", "other_student")]
    assert [work.text for work in works] == ["We wrote this."] * 2
    assert essay.session.get_one(PulledWork, works[0].id).group_name == "Red"
    assert essay.works(essay.session.scalars(select(Person).where(Person.sub == "77")).one()) == []


def test_lateness_counts_from_moodles_due_date_unless_there_is_an_extension(
    chosen: Choose, services: FakeMoodle, user: int
) -> None:
    listed = services.assign(duedate=NOW - 60)
    listed.hand_in(user)
    essay = chosen(listed)
    essay.fetch()
    assert essay.works()[0].is_late
    listed.participants[user]["grantedextension"] = True
    listed.hand_in(user, changed_at=NOW + 5)
    essay.fetch()
    assert not essay.works()[0].is_late


def test_what_came_before_a_failure_stays_and_the_rest_comes_next_time(
    chosen: Choose, services: FakeMoodle, user: int
) -> None:
    listed = services.assign()
    note = services.file("1/note.txt", b"Kept.\n")
    listed.hand_in(77, changed_at=NOW - 10)
    listed.hand_in(user, files=[note | {"fileurl": f"{services.url}/webservice/pluginfile.php/missing"}])
    essay = chosen(listed)
    essay.fetch()
    assert essay.assignment.seen_until == NOW - 10 and essay.assignment.reason
    services.files["/webservice/pluginfile.php/missing"] = (b"Kept.\n", "text/plain")
    assert essay.fetch() == 1 and essay.assignment.reason == ""


def test_an_assignment_that_is_gone_says_so(essay: Essay) -> None:
    essay.moodle.assignments_here.clear()
    essay.fetch()
    assert "no such assignment" in essay.assignment.reason and len(essay.works()) == 1


def test_a_rubric_that_was_changed_in_moodle_waits_for_a_teacher(chosen: Choose, services: FakeMoodle) -> None:
    listed = services.assign()
    listed.define("rubric", rubric(("Clarity", 0, 4)))
    essay = chosen(listed)
    listed.define("rubric", rubric(("Clarity", 0, 8)), changed_at=NOW + 9)
    essay.fetch()
    assert "changed in Moodle" in essay.assignment.reason
    chosen(listed)
    essay.fetch()
    assert essay.assignment.reason == ""


def test_nothing_is_asked_while_web_services_are_off(essay: Essay) -> None:
    write(essay.session, ENABLED, False)
    essay.moodle.calls.clear()
    essay.fetch()
    assert essay.moodle.calls == [] and "switched off" in essay.assignment.reason


def test_every_round_asks_for_what_is_polled(essay: Essay) -> None:
    essay.session.execute(text("DELETE FROM procrastinate_jobs"))
    essay.assignment.is_polled = False
    essay.session.flush()
    poll(essay.runtime)
    assert waiting(essay) == []
    essay.assignment.is_polled = True
    essay.session.flush()
    poll(essay.runtime)
    poll(essay.runtime)
    assert waiting(essay) == ["assignments.pull"]


def waiting(essay: Essay) -> list[str]:
    return list(essay.session.scalars(text("SELECT task_name FROM procrastinate_jobs")))
