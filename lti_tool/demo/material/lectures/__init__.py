"""The lectures as files: one stays Markdown, the others become a PDF, slides and a document."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from lti_tool.demo.material import documents

Maker = Callable[[documents.Lecture], bytes]


@dataclass(frozen=True, kw_only=True)
class Handout:
    """A file as a teacher would upload it."""

    name: str
    media_type: str
    content: bytes


KINDS: dict[str, tuple[str, str, Maker]] = {
    "1-describing-data": ("md", "text/markdown", documents.markdown),
    "2-probability": ("pdf", "application/pdf", documents.pdf),
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
    for name, (ending, media_type, make) in KINDS.items():
        lecture = documents.read((files(__package__) / f"{name}.md").read_text(encoding="utf-8"))
        try:
            made.append(Handout(name=f"{name}.{ending}", media_type=media_type, content=make(lecture)))
        except OSError:
            content = documents.markdown(lecture)
            made.append(Handout(name=f"{name}.md", media_type="text/markdown", content=content))
    return made
