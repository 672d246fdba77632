"""The demo's lectures are what uploads must be: real files that the tool can read."""

import io
from pathlib import Path

import pytest

from lti_tool.content.extraction.formats import extract
from lti_tool.demo.material import Handout, documents, handouts
from lti_tool.files.intake import accept
from lti_tool.files.media_types import MATERIAL, MediaType


@pytest.fixture(scope="module")
def made() -> list[Handout]:
    return handouts()


def test_there_are_four_lectures_in_four_kinds(made: list[Handout]) -> None:
    assert {handout.media_type for handout in made} == {
        MediaType.MARKDOWN,
        MediaType.PDF,
        MediaType.PPTX,
        MediaType.DOCX,
    }


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "robust measure of location"),
        (1, "probability of being sick after a positive test is about 9 per cent"),
        (2, "To halve the standard error, four times as many observations are needed."),
        (3, "absence of evidence is not evidence of absence"),
    ],
)
def test_each_is_accepted_and_its_words_are_found(made: list[Handout], number: int, words: str) -> None:
    handout = made[number]
    stream = io.BytesIO(handout.content)
    with accept(stream, name=handout.name, allowed=MATERIAL, max_bytes=1_000_000) as upload:
        assert upload.media_type == handout.media_type
        sections = extract(Path(upload.stream.name), upload.media_type)
    assert words in " ".join(" ".join(section["text"] for section in sections).split())


def test_a_lecture_is_read_into_its_sections() -> None:
    lecture = documents.read("# Title\n\n## One\n\nFirst.\n\nSecond.\n\n## Two\n\n- Item")
    assert lecture.title == "Title"
    assert [section.heading for section in lecture.sections] == ["One", "Two"]
    assert lecture.sections[0].paragraphs == ("First.", "Second.")
    assert lecture.sections[1].paragraphs == ("Item",)
