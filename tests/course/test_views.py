"""The page "People": the roster, its sync, a halved course, and the rights of roles."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.capabilities import DEFAULTS, Capability, capabilities_of
from lti_tool.accounts.models import CapabilityOverride, Membership, Person, PlacementKind, Role
from lti_tool.accounts.overrides import FIXED
from lti_tool.accounts.roster.models import RosterSync, SyncStatus
from lti_tool.db import now
from lti_tool.gradebook.overview import grade_rows
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of

JOBS = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'course.sync_roster'")


@pytest.fixture
def teacher(enter: Enter, connected: House) -> Browser:
    return enter("teacher")


def hold(house: House) -> RosterSync:
    made = RosterSync(course_id=house.course.id, status=SyncStatus.HELD, known_count=40, fetched_count=3)
    house.session.add(made)
    house.session.flush()
    return made


def test_everybody_of_the_course_is_listed_with_a_role(teacher: Browser) -> None:
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in teacher.page("course/people").select("tbody tr")]
    assert "Student Canary Student ● In the course –" in rows
    assert not any(row.startswith("Outsider") for row in rows) and len(rows) == 5


def test_the_role_of_a_recent_launch_beats_the_roster(teacher: Browser, connected: House) -> None:
    assistant = connected.session.scalars(
        select(Membership).where(Membership.person_id == connected.people["non_editing_teacher"].id)
    ).one()
    assistant.roster_role, assistant.last_launch_at = Role.STUDENT, now()
    connected.session.flush()
    assert "Non Editing Teacher Canary Non-editing teacher" in " ".join(
        teacher.page("course/people").get_text(" ").split()
    )


def test_a_teacher_says_who_is_staff_before_they_come(teacher: Browser, connected: House) -> None:
    person = Person(platform_id=connected.platform.id, sub="nora", name="Nora")
    connected.session.add(person)
    connected.session.flush()
    nora = Membership(course_id=connected.course.id, person_id=person.id, roster_role=Role.STUDENT)
    connected.session.add(nora)
    connected.session.flush()
    grades = [row.name for row in grade_rows(connected.session, viewer_of(connected, "teacher"), activity(connected))]
    assert "Nora" in grades
    page = teacher.follow(teacher.post("course/people/role", {"membership": str(nora.id), "staff": "yes"}))
    assert "Nora is no longer counted as a student." in page.get_text() and "Is a student after all" in page.get_text()
    grades = [row.name for row in grade_rows(connected.session, viewer_of(connected, "teacher"), activity(connected))]
    assert "Nora" not in grades
    teacher.post("course/people/role", {"membership": str(nora.id)})
    assert nora.launch_role is None


def test_nobody_says_so_of_who_has_come(teacher: Browser, connected: House) -> None:
    member = connected.session.scalars(select(Membership).where(Membership.person_id == connected.student.id)).one()
    assert teacher.post("course/people/role", {"membership": str(member.id), "staff": "yes"}).status_code == 400
    assert teacher.post("course/people/role", {"membership": "x"}).status_code == 400


def activity(house: House) -> UUID:
    return house.placements[PlacementKind.ACTIVITY].id


def test_who_left_is_shown_as_such(teacher: Browser, connected: House) -> None:
    member = select(Membership).where(Membership.person_id == connected.student.id)
    connected.session.scalars(member).one().status = "inactive"
    connected.session.flush()
    assert "Has left" in teacher.page("course/people").get_text()


def test_a_long_list_has_pages(teacher: Browser, connected: House) -> None:
    people = [Person(platform_id=connected.platform.id, sub=f"p{number}") for number in range(60)]
    connected.session.add_all(people)
    connected.session.flush()
    connected.session.add_all([Membership(course_id=connected.course.id, person_id=person.id) for person in people])
    connected.session.flush()
    assert len(teacher.page("course/people").select("tbody tr")) == 50
    assert len(teacher.page("course/people?page=2").select("tbody tr")) == 15
    assert len(teacher.page("course/people?page=99").select("tbody tr")) == 15


def test_fetching_now_queues_one_sync(teacher: Browser, connected: House) -> None:
    for _ in range(2):
        teacher.post("course/people/sync")
    jobs = connected.session.scalars(JOBS).all()
    assert jobs == [{"course_id": connected.course.id, "asked_by_id": connected.teacher.id}]


@pytest.mark.parametrize("answer, status, jobs", [("yes", SyncStatus.ACCEPTED, 1), ("no", SyncStatus.DISMISSED, 0)])
def test_a_halved_course_is_asked_about(
    teacher: Browser, connected: House, answer: str, status: SyncStatus, jobs: int
) -> None:
    held = hold(connected)
    assert "now names 3 participants; before, there were 40" in teacher.page("course/people").get_text()
    teacher.post("course/people/decision", {"is_right": answer})
    assert held.status == status and len(connected.session.scalars(JOBS).all()) == jobs


def test_a_decision_without_an_answer_is_refused(teacher: Browser, connected: House) -> None:
    held = hold(connected)
    assert teacher.post("course/people/decision").status_code == 400
    assert held.status == SyncStatus.HELD


def test_a_decision_without_a_question_is_refused(teacher: Browser) -> None:
    assert teacher.post("course/people/decision", {"is_right": "yes"}).status_code == 404


def test_a_failed_sync_says_what_helps(teacher: Browser, connected: House) -> None:
    connected.session.add(RosterSync(course_id=connected.course.id, status=SyncStatus.FAILED, reason="token_refused"))
    connected.session.flush()
    assert "does not accept the tool's key" in teacher.page("course/people").get_text()


def tick(**rights: list[Capability]) -> dict[str, list[str]]:
    return {role: [right.value for right in given] for role, given in rights.items()}


def test_a_course_may_give_and_take_rights(teacher: Browser, connected: House) -> None:
    given = tick(
        teacher=[Capability.GRADE, Capability.VIEW_DASHBOARD, Capability.VIEW_LOGS, Capability.HANDLE_SCANS],
        non_editing_teacher=[Capability.VIEW_LOGS],
        student=[Capability.VIEW_DASHBOARD],
    )
    teacher.follow(teacher.post("course/rights", given))
    session, course_id = connected.session, connected.course.id
    assert capabilities_of(session, course_id, Role.NON_EDITING_TEACHER) == {Capability.USE, Capability.VIEW_LOGS}
    assert capabilities_of(session, course_id, Role.STUDENT) == {Capability.USE, Capability.VIEW_DASHBOARD}
    assert capabilities_of(session, connected.other_course.id, Role.STUDENT) == {Capability.USE}


def test_only_differences_are_stored_and_audited(teacher: Browser, connected: House) -> None:
    defaults = tick(
        teacher=list(DEFAULTS[Role.TEACHER] - FIXED[Role.TEACHER]),
        non_editing_teacher=list(DEFAULTS[Role.NON_EDITING_TEACHER] - FIXED[Role.NON_EDITING_TEACHER]),
    )
    teacher.post("course/rights", defaults)
    assert connected.session.scalars(select(CapabilityOverride)).all() == []
    changed = select(AuditEntry).where(AuditEntry.action == "capabilities.changed")
    assert connected.session.scalars(changed).all() == []
    teacher.post("course/rights", defaults | tick(student=[Capability.VIEW_DASHBOARD]))
    assert connected.session.scalars(changed).one().details == {"student": {"given": ["view_dashboard"], "taken": []}}


@pytest.mark.parametrize(
    "rights", [tick(student=[Capability.GRADE]), tick(teacher=[Capability.ADMINISTER]), {"student": ["fly"]}]
)
def test_what_no_course_may_give_is_refused(teacher: Browser, connected: House, rights: dict[str, list[str]]) -> None:
    assert teacher.post("course/rights", rights).status_code == 400
    assert connected.session.scalars(select(CapabilityOverride)).all() == []


def test_the_page_shows_the_rights_that_hold(teacher: Browser) -> None:
    page = teacher.page("course/rights")
    box = page.find("input", {"name": "student", "value": "grade"})
    assert box is not None and box.has_attr("disabled") and not box.has_attr("checked")


@pytest.mark.parametrize("page", ["course/people", "course/rights"])
@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_who_does_not_manage_the_course_sees_nothing(enter: Enter, connected: House, page: str, name: str) -> None:
    response = enter(name).get(page)
    assert response.status_code == 403 and "Canary" not in response.text


@pytest.mark.parametrize("action", ["people/sync", "people/decision", "rights"])
def test_a_student_changes_nothing(enter: Enter, connected: House, action: str) -> None:
    assert enter("student").post(f"course/{action}", {"is_right": "yes"}).status_code == 403


def test_an_outsider_sees_only_their_own_course(enter: Enter, connected: House) -> None:
    hold(connected)
    page = enter("outsider").page("course/people").get_text()
    assert "Student Canary" not in page and "Outsider Canary" in page and "Have so many left" not in page
