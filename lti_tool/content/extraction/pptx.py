"""Text of a presentation: each slide under its title, with tables and the speaker's notes."""

from collections.abc import Iterable, Iterator
from typing import Any

import pptx

from lti_tool.content.extraction.sections import Outline, Section, checked


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
        outline.table([[cell.text for cell in row.cells] for row in shape.table.rows])


def _title_alone(number: int, title: Any) -> list[Section]:
    text = title.text_frame.text.strip() if title is not None else ""
    return [Section(page=number, heading="", text=text)] if text else []
