"""Who asks gets a copy of what is kept about them, and of nobody else."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.privacy.copying import copy_for
from lti_tool.privacy.erasing import erase
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.tenancy.conftest import SECRET, Treasure, treasure

__all__ = ["treasure"]

SAID_OR_WRITTEN = {"submission", "regrade_request", "verification", "proposal", "private_note", "turn"}


def test_it_holds_what_they_said_and_what_was_said_of_them(session: Session, house: House, treasure: Treasure) -> None:
    kept = copy_for(session, viewer_of(house, "administrator"), house.student.id)
    assert {table for table in SAID_OR_WRITTEN if SECRET in str(kept[table])} == SAID_OR_WRITTEN
    assert kept["person"][0]["name"] == house.student.name
    assert {"membership", "grade", "approval", "paper", "submission_file", "stored_file"} <= kept.keys()


def test_it_holds_nothing_of_others_and_no_keys(session: Session, house: House, treasure: Treasure) -> None:
    kept = copy_for(session, viewer_of(house, "administrator"), house.outsider.id)
    assert SECRET not in str(kept)
    others = {row["person_id"] for rows in kept.values() for row in rows if "person_id" in row}
    assert others <= {house.outsider.id}
    mine = copy_for(session, viewer_of(house, "administrator"), house.student.id)
    names = {name for rows in mine.values() for row in rows for name in row}
    assert names & {"browser_hash", "embedding", "key_encrypted"} == set()


def test_an_administrator_downloads_it_and_the_audit_knows(session: Session, house: House, enter: Enter) -> None:
    answer = enter("administrator").post(f"site/people/{house.student.id}/copy", {})
    assert answer.headers["Content-Disposition"] == f"attachment; filename=person-{house.student.id}.json"
    assert answer.get_json()["person"][0]["id"] == house.student.id
    assert "privacy.copied" in session.scalars(select(AuditEntry.action)).all()


def test_it_is_the_administrators_alone(session: Session, house: House, enter: Enter) -> None:
    for name in ("teacher", "student", "outsider"):
        with pytest.raises(NotAllowed):
            copy_for(session, viewer_of(house, name), house.student.id)
        assert enter(name).post(f"site/people/{house.student.id}/copy", {}).status_code == 403


def test_of_who_was_erased_there_is_none(session: Session, house: House) -> None:
    erase(session, house.student.id)
    with pytest.raises(NotFound):
        copy_for(session, viewer_of(house, "administrator"), house.student.id)
