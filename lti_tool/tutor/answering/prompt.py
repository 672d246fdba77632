"""What the model is given: the site's instructions, earlier turns, material, the question (R15-R17, R24, R45, R166).

Everything that a person or a document wrote is untrusted and fenced; nothing of it stands among the instructions.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lti_tool.llm.chat import Message, MessageRole
from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.prompts import fill, load_prompt
from lti_tool.tutor.answering.budget import Material
from lti_tool.tutor.answering.fences import Fences, one_line
from lti_tool.tutor.models import Turn

NOTHING_FOUND = "NOT_IN_MATERIAL"
PROMPT = "tutor_answer"
CITATION = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


@dataclass(frozen=True, kw_only=True)
class Instructions:
    """What the tutor is told by those who run it; `hints` is the teacher's wording where only hints are given."""

    text: str
    course_name: str
    language: str
    hints: str = ""

    @property
    def filled(self) -> str:
        """As the model reads it."""
        told = "\n\n".join(part for part in (self.text, self.hints) if part)
        return fill(told, coursename=self.course_name, lang=self.language or "the language of the question")


def prompt_version() -> str:
    """What is stored with every answer."""
    return f"{PROMPT}/{load_prompt(PROMPT).version}"


def prompt_text() -> str:
    """What every question is wrapped in; an answer that repeats it gives the tutor's orders away."""
    return load_prompt(PROMPT).text


def messages_for(
    *, instructions: Instructions, earlier: Iterable[Turn], summary: str, material: Material, question: str
) -> list[Message]:
    """The prompt of one question."""
    fences = Fences()
    content = load_prompt(PROMPT).fill(
        mark=fences.mark,
        material="\n\n".join(_fenced(material, summary, fences)),
        nothing=NOTHING_FOUND,
        question=neutralised(question).text,
    )
    return [
        Message(role=MessageRole.SYSTEM, content=instructions.filled),
        *(message for turn in earlier for message in _said(turn)),
        Message(role=MessageRole.USER, content=content),
    ]


def _said(turn: Turn) -> Iterator[Message]:
    yield Message(role=MessageRole.USER, content=neutralised(turn.question).text)
    # Its numbers meant other passages.
    yield Message(role=MessageRole.ASSISTANT, content=CITATION.sub("", turn.answer_markdown))


def _fenced(material: Material, summary: str, fences: Fences) -> Iterator[str]:
    if summary:
        yield fences.around("summary of the earlier conversation", summary)
    if material.page is not None:
        page = material.page
        where = f'"{one_line(page.title)}", {one_line(page.url)}'
        yield fences.around(f"page that the student has open, without a number: {where}", page.text)
    for passage in material.passages:
        where = ", ".join(one_line(part) for part in (passage.title, passage.locator) if part)
        yield fences.around(f"passage [{passage.number}] from {where}", passage.quotation)
