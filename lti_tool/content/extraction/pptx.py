"""Text of a presentation: each slide under its title, with tables, charts, pictures' descriptions and notes."""

from collections.abc import Iterable, Iterator
from typing import Any

import pptx

from lti_tool.content.extraction.sections import Outline, Section, checked

NOTES = "Speaker notes"


def extract(path: str) -> list[Section]:
    sections: list[Section] = []
    for number, slide in enumerate(pptx.Presentation(path).slides, start=1):
        outline = Outline(page=number)
        title = slide.shapes.title
        outline.heading(1, title.text_frame.text if title is not None else "")
        for shape in _flat(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _add(outline, shape)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            outline.heading(2, NOTES)
            outline.text(slide.notes_slide.notes_text_frame.text)
        sections += outline.end() or _title_alone(number, title)
    return checked(sections)


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    """Shapes inside groups too."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _add(outline: Outline, shape: Any) -> None:
    if shape.has_text_frame:
        outline.text(shape.text_frame.text)
    elif getattr(shape, "has_table", False):
        rows = [["" if cell.is_spanned else cell.text for cell in row.cells] for row in shape.table.rows]
        outline.table(rows, has_header=shape.table.first_row)
    outline.picture(shape._element._nvXxPr.cNvPr.get("descr") or "")
    if getattr(shape, "has_chart", False):
        _add_chart(outline, shape.chart)


def _add_chart(outline: Outline, chart: Any) -> None:
    """Its title, and its figures as a table: a row a category, a column a series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        outline.text(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        names, series = list(plot.categories), list(plot.series)
        header = ["", *(str(each.name) for each in series)]
        values = [list(each.values) for each in series]
        rows = [[str(name), *(_figure(column, at) for column in values)] for at, name in enumerate(names)]
        outline.table([header, *rows], has_header=True)


def _figure(column: list[float | None], at: int) -> str:
    figure = column[at] if at < len(column) else None
    return "" if figure is None else f"{figure:g}"


def _title_alone(number: int, title: Any) -> list[Section]:
    text = title.text_frame.text.strip() if title is not None else ""
    return [Section(page=number, heading="", text=text)] if text else []
