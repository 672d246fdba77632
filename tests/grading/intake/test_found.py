"""Whose work lies in a ZIP or a table."""

from pathlib import Path

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.intake.found import FoundWork, works_in_archive, works_in_table
from tests.files import samples

ASSIGNMENT = "assignsubmission"


def zipped(tmp_path: Path, *names: str, text: bytes = b"x") -> list[FoundWork]:
    path = tmp_path / "pile.zip"
    path.write_bytes(samples.archive(**dict.fromkeys(names, text)))
    return works_in_archive(path)


def test_moodles_folders_are_read(tmp_path: Path) -> None:
    folder = f"Ana Ruiz_17_{ASSIGNMENT}"
    (work,) = zipped(
        tmp_path, f"{folder}_file_/a.pdf", f"{folder}_onlinetext_/onlinetext.html", text=b"<p>One</p><p>Two"
    )
    assert (work.who, work.text, work.members) == ("Ana Ruiz", "One\nTwo", (f"{folder}_file_/a.pdf",))


def test_moodles_names_without_folders_are_read(tmp_path: Path) -> None:
    works = zipped(tmp_path, f"Ana Ruiz_17_{ASSIGNMENT}_file_a.pdf", f"Ana Ruiz_18_{ASSIGNMENT}_file_a.pdf")
    assert [(work.who, len(work.members)) for work in works] == [("Ana Ruiz", 1), ("Ana Ruiz", 1)]


def test_a_folder_is_a_student_and_what_systems_add_is_left_out(tmp_path: Path) -> None:
    works = zipped(tmp_path, "Ana/a.pdf", "Ana/code/b.py", "Bo/c.txt", "__MACOSX/Ana/a.pdf", "Ana/.DS_Store")
    assert {work.who: len(work.members) for work in works} == {"Ana": 2, "Bo": 1}


def test_a_folder_around_everything_is_nobody(tmp_path: Path) -> None:
    assert [work.who for work in zipped(tmp_path, "Essays/Ana/a.pdf", "Essays/Bo/b.pdf")] == ["Ana", "Bo"]


def test_files_alone_are_named_for_their_students(tmp_path: Path) -> None:
    assert [work.who for work in zipped(tmp_path, "Ana Ruiz.pdf", "230521100101.docx")] == ["Ana Ruiz", "230521100101"]


def test_a_broken_or_empty_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pile.zip"
    path.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(InvalidInput, match="damaged"):
        works_in_archive(path)
    with pytest.raises(InvalidInput, match="no work"):
        zipped(tmp_path, "__MACOSX/x")


@pytest.mark.parametrize(
    "table",
    [
        "idnumber,text\n17,My essay\n",
        "\ufeffText;ID Number\nMy essay;17\n",
        'Name\tidnumber\tanswer\nAna\t17\t"My essay"\n',
    ],
)
def test_a_table_names_person_and_text_in_any_order(table: str) -> None:
    assert works_in_table(table) == [FoundWork(who="17", text="My essay")]


def test_lines_of_a_text_stay(tmp_path: Path) -> None:
    assert works_in_table('id,text\n1,"a\n\n  b"\n')[0].text == "a\n\n  b"


@pytest.mark.parametrize(
    ("table", "words"), [("a,b\n1,2", "The first row must"), ("id,text\n", "no work"), ("", "The first row")]
)
def test_a_table_that_names_nothing_is_refused(table: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        works_in_table(table)
