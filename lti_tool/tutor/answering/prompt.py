"""What the model is given: the instructions of the site, earlier turns, the passages, the question (R16, R17, R166).

Passages and questions are untrusted: each passage stands between lines with a mark that nobody can know beforehand.
"""

import re
import secrets
from collections.abc import Iterable, Sequence

from lti_tool.llm.chat import Message, MessageRole
from lti_tool.llm.prompts import fill, load_prompt
from lti_tool.tutor.models import Turn
from lti_tool.tutor.turns import CitedPassage

NOTHING_FOUND = "NOT_IN_MATERIAL"
PROMPT = "tutor_answer"
CITATION = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")


def prompt_version() -> str:
    """What is stored with every answer."""
    return f"{PROMPT}/{load_prompt(PROMPT).version}"


def messages_for(
    *,
    instructions: str,
    course_name: str,
    language: str,
    earlier: Iterable[Turn],
    passages: Sequence[CitedPassage],
    question: str,
) -> list[Message]:
    """The prompt of one question."""
    messages = [
        Message(
            role=MessageRole.SYSTEM,
            content=fill(instructions, coursename=course_name, lang=language or "the language of the question"),
        )
    ]
    for turn in earlier:
        messages.append(Message(role=MessageRole.USER, content=turn.question))
        # Its numbers meant other passages.
        messages.append(Message(role=MessageRole.ASSISTANT, content=CITATION.sub("", turn.answer_markdown)))
    mark = secrets.token_hex(8)
    content = load_prompt(PROMPT).fill(
        mark=mark,
        passages="\n\n".join(_fenced(passage, mark) for passage in passages),
        nothing=NOTHING_FOUND,
        question=question,
    )
    return [*messages, Message(role=MessageRole.USER, content=content)]


def _fenced(passage: CitedPassage, mark: str) -> str:
    where = ", ".join(part for part in (passage.title, passage.locator) if part)
    return f"--- {mark} passage [{passage.number}] from {where}\n{passage.quotation}\n--- {mark} end"
