"""Text and structure of each format."""

import importlib.util
import io
from pathlib import Path

import docx
import pikepdf
import pptx
import pytest
from docx.oxml.ns import qn
from PIL import Image, ImageDraw, ImageFont
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from lti_tool.content.extraction import html, markdown, scanned, text
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


def test_a_scanned_pdf_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InvalidInput, match="not installed on this site"):
        read(tmp_path, samples.pdf(""), MediaType.PDF)


def test_pages_that_are_pictures_are_recognised_where_an_engine_is_there(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(samples.pdf("", "Roots drink.", ""))
    told: list[tuple[int, int]] = []

    def recognise(_: Path, number: int) -> str:
        if number == 3:
            raise InvalidInput("file_unreadable")
        return "Leaves are green."

    found = scanned.extract(path, lambda *read: told.append(read), recognise)
    assert [(section["page"], section["text"]) for section in found] == [(1, "Leaves are green."), (2, "Roots drink.")]
    assert told == [(1, 3), (2, 3), (2, 3)]


def test_a_scanned_page_is_recognised(tmp_path: Path) -> None:
    picture = Image.new("L", (1240, 400), 255)
    ImageDraw.Draw(picture).text((100, 150), "Roots drink water", fill=0, font=ImageFont.load_default(60))
    picture.save(tmp_path / "scan.pdf", resolution=150)
    assert "drink" in extract(tmp_path / "scan.pdf", MediaType.PDF)[0]["text"]


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


def word_table(folder: Path, *, style: str | None = None) -> Path:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip((cell for row in table.rows for cell in row.cells), "abcd", strict=True):
        cell.text = words
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.set(qn("w:firstRow"), "1" if style else "0")
    look.set(qn("w:val"), "04A0" if style else "0480")
    document.save(str(folder / "table.docx"))
    return folder / "table.docx"


def test_a_table_in_word_keeps_its_rows(tmp_path: Path) -> None:
    assert extract(word_table(tmp_path), MediaType.DOCX)[0]["text"] == "a | b\nc | d"


def test_each_row_of_a_table_in_word_is_readable_with_its_header(tmp_path: Path) -> None:
    assert extract(word_table(tmp_path, style="header"), MediaType.DOCX)[0]["text"] == "a | b\na: c | b: d"


def test_a_merged_cell_is_read_once(tmp_path: Path) -> None:
    document = docx.Document(str(word_table(tmp_path)))
    document.tables[0].cell(0, 0).merge(document.tables[0].cell(0, 1)).text = "Trees"
    document.save(str(tmp_path / "merged.docx"))
    assert extract(tmp_path / "merged.docx", MediaType.DOCX)[0]["text"] == "Trees |\nc | d"


def test_the_description_of_a_picture_in_word_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_picture(io.BytesIO(samples.picture()))
    next(document.element.iter(qn("wp:docPr"))).set("descr", "A leaf from below")
    document.save(str(tmp_path / "a.docx"))
    assert extract(tmp_path / "a.docx", MediaType.DOCX)[0]["text"] == "[Image: A leaf from below]"


def test_slides_are_read_with_title_text_table_and_notes(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Leaves", "They are green."
    grid = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, words in enumerate(("Tree", "Leaf", "oak", "round")):
        grid.cell(at // 2, at % 2).text = words
    slide.notes_slide.notes_text_frame.text = "Show a leaf."
    presentation.save(str(tmp_path / "a.pptx"))
    found = extract(tmp_path / "a.pptx", MediaType.PPTX)
    assert found == [
        Section(page=1, heading="Leaves", text="They are green.\n\nTree | Leaf\nTree: oak | Leaf: round"),
        Section(page=1, heading="Leaves › Speaker notes", text="Show a leaf."),
    ]


def test_a_picture_and_a_chart_on_a_slide_are_read(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    picture = slide.shapes.add_picture(io.BytesIO(samples.picture()), 0, 0)
    picture._element._nvXxPr.cNvPr.set("descr", "A root")
    figures = CategoryChartData()
    figures.categories = ["2024", "2025"]
    figures.add_series("Oaks", (3, 4.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(4), figures)
    presentation.save(str(tmp_path / "a.pptx"))
    found = extract(tmp_path / "a.pptx", MediaType.PPTX)[0]["text"]
    assert found.startswith("[Image: A root]") and found.endswith("2024 | Oaks: 3\n2025 | Oaks: 4.5")


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


def test_each_row_of_a_table_on_a_web_page_is_readable_with_its_header() -> None:
    found = html.sections_of(
        "<table><caption>Trees</caption><tr><th>Tree<th>Leaf<th>Fruit</tr>"
        "<tr><td rowspan=2>oak<td>round<td>acorn</tr><tr><td colspan=2>falls</tr></table>"
    )
    lines = "Tree | Leaf | Fruit\nTree: oak | Leaf: round | Fruit: acorn\nTree: oak | Leaf: falls"
    assert found[0]["text"] == f"Trees\n\n{lines}"


def test_a_hostile_span_costs_nothing() -> None:
    found = html.sections_of('<table><tr><td colspan="999999999">a<td rowspan="99999999999">b</table>')
    assert found[0]["text"].startswith("a |") and len(found[0]["text"]) < 500


def test_the_cells_of_a_table_made_for_the_layout_are_read_one_after_another() -> None:
    found = html.sections_of("<table><tr><td><p>Left</p><td>Right<table><tr><td>a<td>b</table></table>")
    assert found[0]["text"] == "Left\n\nRight\n\na | b"


def test_comments_and_the_doctype_are_no_text() -> None:
    found = html.sections_of("<!doctype html><!-- a draft --><p>Leaves<!-- green --> fall.</p><!--[if mso]>x-->")
    assert [section["text"] for section in found] == ["Leaves fall."]


def test_a_picture_on_a_web_page_is_read_by_its_description() -> None:
    found = html.sections_of('<p>See <img src=a.png alt="a  leaf">.</p><img alt="" src=b.png>')
    assert found[0]["text"] == "See [Image: a leaf] ."


def test_each_row_of_a_table_in_markdown_is_readable_with_its_header() -> None:
    found = markdown.sections_of("# Trees\nSee:\n\n| Tree | Leaf |\n|---|---|\n| oak | *round* |\n\nEnd")
    text = "See:\n\nTree | Leaf\nTree: oak | Leaf: *round*\n\nEnd"
    assert found == [Section(page=None, heading="Trees", text=text)]


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
    assert [section["heading"] for section in extract(path, MediaType.PDF)] == ["", "Roots", "Roots"]


def test_the_descriptions_of_pictures_in_a_tagged_pdf_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tagged.pdf"
    with pikepdf.open(_written(tmp_path)) as document:
        figure = pikepdf.Dictionary(S=pikepdf.Name.Figure, Alt="A leaf from below", Pg=document.pages[1].obj)
        part = pikepdf.Dictionary(S=pikepdf.Name.Document, K=pikepdf.Array([figure, 3]))
        document.Root.StructTreeRoot = document.make_indirect(pikepdf.Dictionary(K=part))
        document.save(path)
    assert [section["text"] for section in extract(path, MediaType.PDF)] == [
        "a",
        "b\n\n[Image: A leaf from below]",
        "c",
    ]


def _written(folder: Path) -> Path:
    path = folder / "plain.pdf"
    path.write_bytes(samples.pdf("a", "b", "c"))
    return path
