"""An export is checked without a database, also where it keeps another platform's content to itself."""

import json

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.audit.export import export_lines, verify_export
from lti_tool.accounts.audit.verification import Damage
from lti_tool.errors import InvalidInput


@pytest.fixture
def lines(session: Session) -> list[str]:
    for course in (1, 2, 1):
        audit.record(session, "grade.approved", course_id=course, details={"word": "é"})
    audit.verify(session)
    return list(export_lines(session, lambda fields: fields["course_id"] == 1))


def test_an_export_is_complete_and_intact(lines: list[str]) -> None:
    assert len(lines) == 4 and verify_export(lines) == []


def test_an_export_keeps_back_what_is_not_the_readers(lines: list[str]) -> None:
    assert ["entry" in json.loads(line) for line in lines] == [True, False, True, False]


def test_a_changed_line_is_named(lines: list[str]) -> None:
    lines[2] = lines[2].replace("é", "e")
    assert [(found.sequence, found.damage) for found in verify_export(lines)] == [(3, Damage.CHANGED)]


def test_a_removed_line_is_named(lines: list[str]) -> None:
    del lines[1]
    assert [(found.sequence, found.damage) for found in verify_export(lines)] == [(2, Damage.REMOVED)]


@pytest.mark.parametrize("broken", [[], ["not json"], ["{}"], ["[]"]])
def test_what_is_no_export_is_refused(broken: list[str]) -> None:
    with pytest.raises(InvalidInput):
        verify_export(broken)


def test_an_export_without_its_last_line_is_refused(lines: list[str]) -> None:
    with pytest.raises(InvalidInput):
        verify_export(lines[:-1])
