"""Erasing a person leaves their number, and nothing that they said, wrote or were called."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry, verify
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person
from lti_tool.db import Base
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.files.models import StoredFile
from lti_tool.gradebook.models import Grade
from lti_tool.grading.models import Submission
from lti_tool.privacy.erasing import erase
from lti_tool.privacy.finding import ask_erasure, find_people
from lti_tool.scans.models import Paper
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.tenancy.conftest import SECRET, Treasure, treasure

__all__ = ["treasure"]

OF_THE_STUDENT = (
    *("submission", "submission_file", "work_draft", "proposal", "opinion", "review", "tick", "regrade_request"),
    *("grade", "approval", "private_note", "letter", "conversation", "turn", "turn_citation", "turn_attachment"),
    *("verification", "paper", "scan_page", "scan_evidence", "exemplar", "escalation"),
)


def rows(session: Session, table: str) -> list[str]:
    session.expire_all()
    return [str(dict(row)) for row in session.execute(select(Base.metadata.tables[table])).mappings()]


def test_nothing_that_they_said_or_wrote_is_left(session: Session, house: House, treasure: Treasure) -> None:
    told = {table for table in OF_THE_STUDENT if any(SECRET in row for row in rows(session, table))}
    assert told >= {"submission", "regrade_request", "verification", "proposal", "private_note", "turn"}
    erase(session, house.student.id)
    left = {table for table in OF_THE_STUDENT if any(SECRET in row for row in rows(session, table))}
    assert left - {"exemplar"} == set()


def test_nowhere_are_they_called_by_name_number_or_address(session: Session, house: House, treasure: Treasure) -> None:
    student = house.student
    words = [word for word in (student.name, student.email, student.idnumber) if word]
    erase(session, student.id)
    named = [
        (table.name, word)
        for table in Base.metadata.sorted_tables
        for row in rows(session, table.name)
        for word in words
        if f"'{word}'" in row
    ]
    assert words and named == []


def test_grades_signatures_and_the_audit_hold(session: Session, house: House, treasure: Treasure) -> None:
    before = session.scalars(select(Grade.points)).all()
    erase(session, house.student.id)
    assert session.scalars(select(Grade.points)).all() == before
    assert session.scalars(select(Submission.sha256)).all() and session.scalars(select(Paper.sha256)).all()
    assert verify(session) == []
    assert "privacy.erased" in session.scalars(select(AuditEntry.action)).all()


def test_files_of_theirs_go_and_others_stay(session: Session, house: House, treasure: Treasure) -> None:
    names = set(session.scalars(select(StoredFile.name)))
    hashes = erase(session, house.student.id)
    left = set(session.scalars(select(StoredFile.name)))
    assert hashes and left < names and f"{SECRET}.csv" in left


def test_a_second_run_changes_nothing(session: Session, house: House, treasure: Treasure) -> None:
    erase(session, house.student.id)
    sub = house.student.sub
    assert erase(session, house.student.id) == [] and house.student.sub == sub
    with pytest.raises(NotFound):
        erase(session, 999_999_999)


def test_who_launches_afterwards_is_somebody_new(session: Session, house: House) -> None:
    sub = house.student.sub
    erase(session, house.student.id)
    assert session.scalar(select(Person.id).where(Person.sub == sub)) is None


def test_a_teacher_who_is_erased_leaves_the_grades_of_others(
    session: Session, house: House, treasure: Treasure
) -> None:
    erase(session, house.teacher.id)
    assert session.scalar(text("SELECT count(*) FROM approval WHERE approved_by_id = :id"), {"id": house.teacher.id})
    assert house.teacher.display_name == f"Person {house.teacher.id}"


def test_an_administrator_finds_somebody_and_types_their_number(
    session: Session, house: House, enter: Enter, app: Flask
) -> None:
    admin, student = enter("administrator"), house.student
    page = admin.post("site/people/", {"q": student.idnumber})
    assert student.name in page.text and f"number {student.id}" in page.text
    assert admin.post(f"site/people/{student.id}/erase", {"typed": "yes"}).status_code == 400
    assert admin.post(f"site/people/{student.id}/erase", {"typed": str(student.id)}).status_code == 303
    queued = text("SELECT args->>'person_id' FROM procrastinate_jobs WHERE task_name = 'privacy.erase'")
    assert session.scalars(queued).all() == [str(student.id)]


def test_it_is_the_administrators_alone(session: Session, house: House, enter: Enter) -> None:
    for name in ("teacher", "student", "outsider"):
        viewer = viewer_of(house, name)
        assert not viewer.may(Capability.ADMINISTER)
        with pytest.raises(NotAllowed):
            find_people(session, viewer, house.student.name)
        with pytest.raises(NotAllowed):
            ask_erasure(session, viewer, house.student.id, str(house.student.id))
        assert enter(name).get("site/people/").status_code == 403


def test_nobody_erases_themselves(session: Session, house: House) -> None:
    admin = viewer_of(house, "administrator")
    with pytest.raises(InvalidInput, match="own_erasure"):
        ask_erasure(session, admin, admin.person_id, str(admin.person_id))
