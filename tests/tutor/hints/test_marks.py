"""What a teacher marked, and graded work by itself, brings the tutor to give hints alone."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.content.models import Source
from lti_tool.content.retrieval import Passage
from lti_tool.errors import NotAllowed
from lti_tool.tutor.hints.marks import Assessed, assessed_in, mark, works_of
from lti_tool.tutor.models import AssessedWork
from tests.fixtures.people import House, bind_launch

TASK = "Explain how the roots of a plant take up water from the soil and which membrane holds the salt back."


def viewer_of(house: House, name: str) -> Viewer:
    launch = bind_launch(house, name, PlacementKind.TUTOR, f"browser-{name}")
    return viewer_for(house.session, launch.id, f"browser-{name}")


def assessed(session: Session, house: House) -> Assessed:
    return assessed_in(session, house.course.id, house.placements[PlacementKind.TUTOR].id)


def ticked(session: Session, viewer: Viewer) -> set[UUID]:
    return {work.id for works in works_of(session, viewer) for work in works if work.is_assessed}


def passage(source_id: UUID, text: str = "Roots drink.") -> Passage:
    return Passage(chunk_id=1, source_id=source_id, title="a", page=1, page_word="page", heading="", text=text)


def test_activities_and_exams_are_assessed_until_a_teacher_says_otherwise(session: Session, house: House) -> None:
    teacher = viewer_of(house, "teacher")
    activity, exam = house.placements[PlacementKind.ACTIVITY].id, house.placements[PlacementKind.EXAM].id
    assert ticked(session, teacher) == {activity, exam}
    mark(session, teacher, frozenset({exam}))
    assert ticked(session, teacher) == {exam}


def test_a_tutor_that_is_marked_gives_hints_to_every_question(session: Session, house: House) -> None:
    assert not assessed(session, house).concerns("What is osmosis?", [])
    mark(session, viewer_of(house, "teacher"), frozenset({house.placements[PlacementKind.TUTOR].id}))
    assert assessed(session, house).concerns("What is osmosis?", [])


def test_a_question_that_quotes_an_assessed_task_gets_hints(session: Session, house: House) -> None:
    house.placements[PlacementKind.ACTIVITY].options = {"rubric": [{"title": TASK, "points": 4}]}
    session.flush()
    assert assessed(session, house).concerns(f"Solve: {TASK}", [])
    assert not assessed(session, house).concerns("How do roots take up water?", [])


@pytest.mark.usefixtures("material")
def test_material_that_is_marked_counts_when_it_is_the_best_or_quoted(session: Session, house: House) -> None:
    sheet = session.scalars(select(Source).where(Source.title == "Plants.pdf")).one()
    mark(session, viewer_of(house, "teacher"), frozenset({sheet.id}))
    found, other = assessed(session, house), passage(uuid4())
    assert found.concerns("What is light?", [passage(sheet.id), other])
    assert not found.concerns("What is light?", [other, passage(sheet.id)])
    assert found.concerns(TASK, [other, passage(sheet.id, TASK)])
    assert found.concerns("What is light?", [other], page_source=sheet.id)


@pytest.mark.usefixtures("material")
def test_assignments_and_quizzes_of_the_course_are_assessed_until_a_teacher_says_otherwise(
    session: Session, house: House
) -> None:
    sheet = session.scalars(select(Source).where(Source.title == "Plants.pdf")).one()
    sheet.kind = "assignment"
    session.flush()
    assert assessed(session, house).sources == {sheet.id}
    mark(session, viewer_of(house, "teacher"), frozenset())
    assert assessed(session, house).sources == frozenset()


def test_a_change_is_under_audit_and_none_is_not(session: Session, house: House) -> None:
    teacher, tutor = viewer_of(house, "teacher"), house.placements[PlacementKind.TUTOR].id
    before = frozenset(ticked(session, teacher))
    mark(session, teacher, before)
    mark(session, teacher, before | {tutor})
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "assessed_work.changed")).all()
    assert [entry.details for entry in entries] == [{"marked": [str(tutor)], "unmarked": []}]


def test_nothing_of_another_course_can_be_marked(session: Session, house: House) -> None:
    foreign = next(iter(house.other_links.values())).placement_id
    assert foreign is not None
    mark(session, viewer_of(house, "teacher"), frozenset({foreign}))
    assert foreign not in session.scalars(select(AssessedWork.placement_id)).all()


def test_students_mark_nothing(session: Session, house: House) -> None:
    with pytest.raises(NotAllowed):
        mark(session, viewer_of(house, "student"), frozenset())
