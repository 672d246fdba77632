"""A lecture in the forms teachers use: Markdown, PDF, slides, a document."""

import io
from dataclasses import dataclass

import docx
import pptx
from markdown_it import MarkdownIt

from lti_tool.files.drawing import drawer

STYLE = """
@page { size: A4; margin: 2.5cm; @bottom-center { content: counter(page) } }
body { font-family: sans-serif; line-height: 1.4 }
h2 { break-before: page }
h1 + h2 { break-before: auto }
"""


@dataclass(frozen=True, kw_only=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Lecture:
    source: str
    title: str
    sections: tuple[Section, ...]


def read(source: str) -> Lecture:
    """The parts of a lecture that is written as `# title`, `## section`, paragraphs and lines of a list."""
    head, *parts = source.split("\n## ")
    return Lecture(source=source, title=head.strip().removeprefix("# "), sections=tuple(map(_section, parts)))


def markdown(lecture: Lecture) -> bytes:
    return lecture.source.encode()


def pdf(lecture: Lecture) -> bytes:
    """Where the system lacks Pango it cannot be made: files.drawing says so."""
    body = MarkdownIt().render(lecture.source)
    page = (
        f'<html lang="en"><head><title>{lecture.title}</title><style>{STYLE}</style></head><body>{body}</body></html>'
    )
    made: bytes = drawer().HTML(string=page).write_pdf(pdf_tags=True)
    return made


def slides(lecture: Lecture) -> bytes:
    """One slide a section."""
    presentation = pptx.Presentation()
    title = presentation.slides.add_slide(presentation.slide_layouts[0])
    title.shapes.title.text = lecture.title
    for section in lecture.sections:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = section.heading
        slide.placeholders[1].text = "\n".join(section.paragraphs)
    stream = io.BytesIO()
    presentation.save(stream)
    return stream.getvalue()


def document(lecture: Lecture) -> bytes:
    made = docx.Document()
    made.add_heading(lecture.title, level=0)
    for section in lecture.sections:
        made.add_heading(section.heading, level=1)
        for paragraph in section.paragraphs:
            made.add_paragraph(paragraph)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _section(text: str) -> Section:
    heading, _, body = text.partition("\n")
    lines = [line.strip().removeprefix("- ") for line in body.splitlines()]
    return Section(heading=heading.strip(), paragraphs=tuple(line for line in lines if line))
