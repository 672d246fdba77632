"""The lectures as files: one stays Markdown, the others become a PDF, slides and a document."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from lti_tool.demo.material import documents
from lti_tool.files.drawing import can_draw

Maker = Callable[[documents.Lecture], bytes]


@dataclass(frozen=True, kw_only=True)
class Handout:
    """A file as a teacher would upload it."""

    name: str
    media_type: str
    content: bytes


Kind = tuple[str, str, Maker]
MARKDOWN: Kind = ("md", "text/markdown", documents.markdown)
PDF: Kind = ("pdf", "application/pdf", documents.pdf)
KINDS: dict[str, Kind] = {
    "1-describing-data": MARKDOWN,
    "2-probability": PDF,
    "3-sampling-and-confidence": (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        documents.slides,
    ),
    "4-hypothesis-tests": (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        documents.document,
    ),
}


def handouts() -> list[Handout]:
    """The four files. Where the system lacks what PDF pages need, that lecture stays Markdown."""
    made = []
    for name, kind in KINDS.items():
        ending, media_type, make = MARKDOWN if kind is PDF and not can_draw() else kind
        lecture = documents.read((files(__package__) / f"{name}.md").read_text(encoding="utf-8"))
        made.append(Handout(name=f"{name}.{ending}", media_type=media_type, content=make(lecture)))
    return made
