"""Marked papers as a ZIP whose names Moodle takes, and marks as a table."""

import csv
import io
import re
import zipfile

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.intake.roster import Roster, roster_of
from lti_tool.runtime import Runtime
from lti_tool.scans.running.exports import ask_export, export_for, name_of
from lti_tool.scans.running.marks_table import marks_csv
from lti_tool.scans.running.models import Export, ExportState
from lti_tool.scans.running.participants import module_in, read_worksheet
from lti_tool.scans.running.released import MarkedPaper
from lti_tool.scans.running.tasks import export_papers
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf
from tests.scans.running.conftest import Marked


def names_in(session: Session, store: FileStore, export: Export) -> list[str]:
    session.refresh(export)
    if export.file is None:
        return []
    with zipfile.ZipFile(store.path(export.file)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def owner_by_moodles_rule(path: str, participants: set[int]) -> tuple[int, str] | None:
    """What Moodle (mod/assign/feedback/file/importziplib.php) takes a path for: participant and plugin, or nothing."""
    for part in path.split("/"):
        info = part.split("_", 4)
        if len(info) >= 4 and info[1].isdecimal() and int(info[1]) in participants:
            return int(info[1]), f"{info[2]}_{info[3]}"
    return None


def test_moodle_takes_each_file_for_its_participant(
    session: Session, house: House, teacher: Viewer, marked: Marked, runtime: Runtime, store: FileStore
) -> None:
    marked("student"), marked("other_student")
    numbers = {house.student.id: 31, house.people["other_student"].id: 32}
    export = ask_export(session, teacher, is_for_moodle=True, module=None, numbers=numbers)
    export_papers(runtime, export_id=str(export.id))
    names = names_in(session, store, export)
    assert {owner_by_moodles_rule(name, {31, 32}) for name in names} == {
        (31, "assignfeedback_file"),
        (32, "assignfeedback_file"),
    }
    assert (export.state, export.papers, export.unnamed) == (ExportState.READY, 2, 0)


def test_who_has_no_participant_number_lies_where_moodle_does_not_look(
    session: Session, house: House, teacher: Viewer, marked: Marked, runtime: Runtime, store: FileStore
) -> None:
    marked("student"), marked("other_student")
    export = ask_export(session, teacher, is_for_moodle=True, module=None, numbers={house.student.id: 31})
    export_papers(runtime, export_id=str(export.id))
    taken = [owner_by_moodles_rule(name, {31}) for name in names_in(session, store, export)]
    assert sorted(taken, key=str) == [(31, "assignfeedback_file"), None] and export.unnamed == 1


def test_only_released_grades_leave_the_house(
    session: Session, teacher: Viewer, confirmed: PaperOf, runtime: Runtime, store: FileStore
) -> None:
    confirmed("student")
    export = ask_export(session, teacher, is_for_moodle=False, module=None, numbers={})
    export_papers(runtime, export_id=str(export.id))
    assert names_in(session, store, export) == [] and export.state == ExportState.READY


@pytest.mark.parametrize("name", ["Ann_Lee", ".hidden", "~tmp", "a/b", "x\\y", "N\u0301u", "A" * 300, "Zoë 31_2_a_b"])
def test_no_name_reads_as_another_participant_or_is_hidden(name: str) -> None:
    paper = MarkedPaper(person=Person(), name=name, register_number="1", review_id=1)
    path = name_of(paper, "Exam_1/2", 7, is_for_moodle=True)
    assert owner_by_moodles_rule(path, {1, 2, 7, 31}) == (7, "assignfeedback_file")
    assert path[0] not in ".~" and "/" not in path and len(path) < 255


def test_a_worksheet_names_the_participants(session: Session, house: House, teacher: Viewer) -> None:
    student = house.student
    sheet = (
        '\ufeffIdentifier,"Full name",Email address,Grade,Last modified (grade)\n'
        f'Participant 77,"{student.display_name}",x@example.org,12,-\nTeilnehmer/in78,Nobody Known,,,-\n'
    )
    assert read_worksheet(roster_of(session, teacher), sheet.encode()) == {student.id: 77}


def test_two_of_one_name_are_told_apart_by_their_address_or_left_out() -> None:
    blank = {"given_name": "", "family_name": "", "idnumber": ""}
    twins = [Person(id=one, sub=f"s{one}", name="Kim Lee", email=f"kim{one}@x.org", **blank) for one in (1, 2)]
    people = Roster([*twins, Person(id=3, sub="12", name="Bo Ek", email="", **blank)])
    sheet = "Identifier,Full name,Email,Grade\nParticipant 5,Kim Lee,kim2@x.org,12\nParticipant 6,Kim Lee,,12\n"
    assert read_worksheet(people, sheet.encode()) == {2: 5}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n1,2\n"])
def test_any_other_file_is_no_worksheet(session: Session, teacher: Viewer, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="worksheet"):
        read_worksheet(roster_of(session, teacher), content)


def test_the_address_of_an_assignment_is_its_number() -> None:
    assert module_in(" https://moodle.test/mod/assign/view.php?id=42&action=grading ") == module_in("42") == 42
    assert module_in(" ") is None
    with pytest.raises(InvalidInput):
        module_in("https://moodle.test/mod/assign/view.php")


def test_for_moodle_numbers_are_needed(session: Session, teacher: Viewer) -> None:
    with pytest.raises(InvalidInput, match="numbers_missing"):
        ask_export(session, teacher, is_for_moodle=True, module=None, numbers={})


def test_without_a_token_the_export_says_so(session: Session, teacher: Viewer, runtime: Runtime) -> None:
    export = ask_export(session, teacher, is_for_moodle=True, module=42, numbers={})
    export_papers(runtime, export_id=str(export.id))
    session.refresh(export)
    assert export.state == ExportState.FAILED and "no token" in export.reason


def test_an_export_is_for_staff_of_its_exam(
    session: Session, house: House, teacher: Viewer, marked: Marked, runtime: Runtime
) -> None:
    marked("student")
    export = ask_export(session, teacher, is_for_moodle=False, module=None, numbers={})
    export_papers(runtime, export_id=str(export.id))
    session.refresh(export)
    assert export_for(session, teacher, export.id) is export
    with pytest.raises(NotAllowed):
        export_for(session, viewer_of(house, "student", EXAM), export.id)
    with pytest.raises(NotFound):
        export_for(session, viewer_of(house, "outsider", EXAM), export.id)


def test_the_table_has_a_column_a_question_and_runs_no_formula(
    session: Session, house: House, teacher: Viewer, marked: Marked
) -> None:
    marked("student")
    text = marks_csv(session, teacher)
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert text.startswith("\ufeff")
    assert header == ["register_number", "name", "Question 1", "'=Question 2", "total", "maximum", "state"]
    line = next(row for row in rows if row[0] == house.student.idnumber)
    assert line[2:5] == ["5", "2", "7"] and re.fullmatch(r"\d+", line[5])
    other = next(row for row in rows if row[0] == house.people["other_student"].idnumber)
    assert other[2:] == ["", "", "", "", "none"]


def test_marks_are_for_staff(session: Session, house: House, teacher: Viewer) -> None:
    with pytest.raises(NotAllowed):
        marks_csv(session, viewer_of(house, "student", EXAM))
