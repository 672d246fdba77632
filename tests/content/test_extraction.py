"""Text and structure of each format."""

from pathlib import Path

import docx
import pikepdf
import pptx
import pytest
from pptx.util import Inches

from lti_tool.content.extraction import html, markdown, pdf, text
from lti_tool.content.extraction.formats import extract
from lti_tool.content.extraction.sections import Section, tidy
from lti_tool.errors import InvalidInput
from lti_tool.files.media_types import MediaType
from tests.files import samples


def read(folder: Path, content: bytes, media_type: MediaType) -> list[Section]:
    path = folder / "file"
    path.write_bytes(content)
    return extract(path, media_type)


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    found = read(tmp_path, samples.pdf("Leaves are green.", "Roots\ndrink water."), MediaType.PDF)
    assert [(section["page"], section["text"]) for section in found] == [
        (1, "Leaves are green."),
        (2, "Roots\ndrink water."),
    ]


def test_a_word_broken_at_the_end_of_a_line_is_whole_again(tmp_path: Path) -> None:
    found = read(tmp_path, samples.pdf("photo-\nsynthesis in\nleaves"), MediaType.PDF)
    assert found[0]["text"] == "photosynthesis in\nleaves"


def test_a_scanned_pdf_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="text recognition"):
        read(tmp_path, samples.pdf(""), MediaType.PDF)


def test_a_word_file_is_read_under_its_headings(tmp_path: Path) -> None:
    content = samples.word(
        ("Title", "Plants"),
        ("Heading 1", "Leaves"),
        ("Heading 2", "Colour"),
        ("Normal", "Green."),
        ("Heading 1", "Roots"),
        ("Normal", "They drink."),
    )
    found = read(tmp_path, content, MediaType.DOCX)
    assert [(section["heading"], section["text"]) for section in found] == [
        ("Plants › Leaves › Colour", "Green."),
        ("Plants › Roots", "They drink."),
    ]


def test_a_table_in_word_keeps_its_rows(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip((cell for row in table.rows for cell in row.cells), "abcd", strict=True):
        cell.text = words
    document.save(str(tmp_path / "table.docx"))
    assert extract(tmp_path / "table.docx", MediaType.DOCX)[0]["text"] == "a | b\nc | d"


def test_slides_are_read_with_title_text_table_and_notes(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Leaves", "They are green."
    grid = slide.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    grid.cell(0, 0).text, grid.cell(0, 1).text = "oak", "round"
    slide.notes_slide.notes_text_frame.text = "Show a leaf."
    presentation.save(str(tmp_path / "a.pptx"))
    found = extract(tmp_path / "a.pptx", MediaType.PPTX)
    assert found == [Section(page=1, heading="Leaves", text="They are green.\n\noak | round\n\nShow a leaf.")]


def test_a_slide_of_a_title_alone_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, samples.slides(("Only a title", "")), MediaType.PPTX)
    assert found == [Section(page=1, heading="", text="Only a title")]


def test_a_web_page_is_read_as_its_reader_sees_it() -> None:
    found = html.sections_of(
        "<head><title>x</title></head><nav>Menu</nav><h1>Plants</h1>Loose <b>words</b>.<script>evil()</script>"
        "<div><h2>Leaves</h2><p>Green&nbsp;ones</p><ul><li>oak<li>elm</ul></div><table><tr><td>1<td>2</table>"
    )
    assert [(section["heading"], section["text"]) for section in found] == [
        ("Plants", "Loose words."),
        ("Plants › Leaves", "Green ones\n\noak\n\nelm\n\n1 | 2"),
    ]


def test_markdown_is_read_under_its_headings(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "Before\n\n# Plants\nGreen *leaves*\n\n```\n# no heading\n```\n\nRoots\n=====\nDrink"
    )
    found = markdown.extract(str(tmp_path / "a.md"))
    assert [(section["heading"], section["text"]) for section in found] == [
        ("", "Before"),
        ("Plants", "Green *leaves*\n\n```\n# no heading\n```"),
        ("Roots", "Drink"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_in_the_encoding_it_came_in(encoding: str) -> None:
    assert text.decoded("Größe\r\nzwei".encode(encoding)) == "Größe\nzwei"


def test_a_file_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No text"):
        read(tmp_path, b" \n\n ", MediaType.TEXT)


def test_an_entity_bomb_in_word_does_not_reach_us(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 500}">' for n in range(9))
    bomb = f"<!DOCTYPE w [{entities}]><w>&e8;</w>".encode()
    content = samples.archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": bomb})
    with pytest.raises(InvalidInput) as refusal:
        read(tmp_path, content, MediaType.DOCX)
    assert refusal.value.code == "file_unreadable"


def test_invisible_characters_and_runs_of_spaces_go() -> None:
    assert tidy("a\u00adb \t c\x0bd\n\n\n\ne\ufeff") == "ab c\nd\n\ne"


def test_bookmarks_name_their_page(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    with pikepdf.open(_written(tmp_path)) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Roots", 1))
        document.save(path)
    assert [section["heading"] for section in pdf.extract(str(path))] == ["", "Roots", "Roots"]


def _written(folder: Path) -> Path:
    path = folder / "plain.pdf"
    path.write_bytes(samples.pdf("a", "b", "c"))
    return path
