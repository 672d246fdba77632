"""What the model is asked about a submission: rubric and task as instructions, the work fenced as mere material (R166).

Pages that only eyes can read go along as numbered pictures, where they may.

The request names nobody: neither the student nor a file's name is in it, and the door hides whom the text names. Its
hash stands for everything that could change the answer, so the same question is asked only once.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from lti_tool.grading.models import Criterion, Rubric
from lti_tool.grading.proposals.answers import answer_form, choices_of
from lti_tool.grading.proposals.models import ReadAs
from lti_tool.grading.proposals.pictures import PagePicture
from lti_tool.grading.proposals.suspicion import Stretch, without
from lti_tool.grading.reading import OWN_TEXT, ReadableWork
from lti_tool.grading.rubrics.exemplars.fitting import FittingExemplar, FittingTick
from lti_tool.llm.chat import Message, MessageRole
from lti_tool.llm.prompts import fresh_mark, load_prompt

PROMPT, WORK_PROMPT = "grading_proposal", "grading_work"
MOST_CHARACTERS = 60_000
"""Of one work, about 15,000 tokens; a person reads what lies behind, and is told so."""
MOST_EXEMPLAR_CHARACTERS = 6_000
MOST_EXEMPLARS = 6
TOKENS = 400
TOKENS_A_CRITERION = 450


@dataclass(frozen=True, kw_only=True)
class Question:
    """Everything a request is made from."""

    task: str
    rubric: Rubric
    exemplars: Sequence[FittingExemplar]
    work: ReadableWork
    stretches: Sequence[Stretch]
    pictures: Sequence[PagePicture] = ()
    has_more_pictures: bool = False

    @property
    def not_given(self) -> list[int]:
        """The files of which the model is given nothing."""
        pictured = {picture.file for picture in self.pictures}
        return [file.number for file in self.work.unread if file.number not in pictured]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One request: the work as it stands, or without what is suspicious in it."""

    read_as: ReadAs
    messages: tuple[Message, ...]
    form: type[BaseModel]
    input_hash: str
    most_tokens: int
    pictures: tuple[PagePicture, ...] = ()


def prompt_version() -> str:
    """What is stored with every proposal."""
    return f"{PROMPT}/{load_prompt(PROMPT).version}+{WORK_PROMPT}/{load_prompt(WORK_PROMPT).version}"


def prepared_requests(question: Question, model: str) -> list[Prepared]:
    """The request to be offered last: one, or where something is suspicious the whole work and then the rest."""
    whole = _prepared(question, model, ReadAs.WHOLE)
    return [whole, _prepared(question, model, ReadAs.CLEANED)] if question.stretches else [whole]


def is_cut(work: ReadableWork) -> bool:
    return len(work.text) > MOST_CHARACTERS


def _prepared(question: Question, model: str, read_as: ReadAs) -> Prepared:
    form = answer_form(question.rubric)
    pictures = _pictures(question, read_as)
    told = _messages(question, read_as, pictures, mark="")
    asked = [model, prompt_version(), question.rubric.id, form.model_json_schema(), [one.content for one in told]]
    asked += [picture.kept for picture in pictures]
    return Prepared(
        read_as=read_as,
        messages=tuple(_messages(question, read_as, pictures, mark=fresh_mark())),
        pictures=pictures,
        form=form,
        input_hash=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
        most_tokens=TOKENS + TOKENS_A_CRITERION * len(question.rubric.criteria),
    )


def _pictures(question: Question, read_as: ReadAs) -> tuple[PagePicture, ...]:
    """Without those of pages whose recognised text holds something suspicious, where the rest is asked about."""
    if read_as is ReadAs.WHOLE:
        return tuple(question.pictures)
    spans = [question.work.place_of(stretch.start) for stretch in question.stretches]
    suspicious = {(span.file, span.page) for span in spans}
    return tuple(picture for picture in question.pictures if (picture.file, picture.page) not in suspicious)


def _messages(question: Question, read_as: ReadAs, pictures: Sequence[PagePicture], *, mark: str) -> list[Message]:
    stretches = question.stretches if read_as is ReadAs.CLEANED else ()
    instructions = load_prompt(PROMPT).fill(
        mark=mark,
        task=question.task.strip() or "(no text of the task was given)",
        criteria="\n\n".join(_criterion(criterion) for criterion in question.rubric.criteria),
    )
    work = load_prompt(WORK_PROMPT).fill(
        exemplars="".join(_exemplars(question, mark)),
        work="\n".join(_parts(question.work, stretches, mark)),
        pictures="".join(_told_of_pictures(question, pictures)),
    )
    return [
        Message(role=MessageRole.SYSTEM, content=instructions),
        Message(role=MessageRole.USER, content=work, images=tuple(picture.image for picture in pictures)),
    ]


def _told_of_pictures(question: Question, pictures: Sequence[PagePicture]) -> Iterator[str]:
    """Which page each picture is, and of which files nothing is there."""
    if pictures:
        pages = "; ".join(f"picture {picture.number} is {_page(picture)}" for picture in pictures)
        yield f"\n\nPages of the work as pictures: {pages}."
    if question.has_more_pictures:
        yield "\n\nFurther pages could not be sent."
    if question.not_given:
        yield f"\n\nNot given to you: {', '.join(f'file {number}' for number in question.not_given)}."


def _page(picture: PagePicture) -> str:
    return f"file {picture.file}" if picture.page is None else f"page {picture.page} of file {picture.file}"


def _criterion(criterion: Criterion) -> str:
    choices = choices_of(criterion)
    head = f"c{criterion.position}: {criterion.title} (at most {criterion.points} points)"
    notes = [criterion.description, f"For markers: {criterion.for_markers}" if criterion.for_markers else ""]
    if criterion.levels:
        listed = [
            f"{choice.sign} = {choice.points.normalize():f} points: {choice.words}".rstrip(": ") for choice in choices
        ]
    else:
        listed = [f"points: one of {', '.join(choice.sign for choice in choices)}"]
    return "\n".join([head, *(note for note in notes if note), *listed])


def _exemplars(question: Question, mark: str) -> Iterator[str]:
    for number, exemplar in enumerate(question.exemplars[:MOST_EXEMPLARS], start=1):
        given = ", ".join(_given(tick) for tick in exemplar.ticks)
        note = f"; {' '.join(exemplar.note.split())}" if exemplar.note else ""
        yield f"Another student's answer, marked by a teacher with {given}{note}:\n\n"
        yield f"{_fenced(mark, f'example {number}', exemplar.text[:MOST_EXEMPLAR_CHARACTERS])}\n\n"


def _given(tick: FittingTick) -> str:
    level = f"L{tick.level.position}" if tick.level is not None else f"{tick.points.normalize():f} points"
    return f"c{tick.criterion.position} {level}"


def _parts(work: ReadableWork, stretches: Sequence[Stretch], mark: str) -> Iterator[str]:
    """The own text and each file between lines of its own; a file is named by its number alone."""
    numbers = list(dict.fromkeys(span.file for span in work.spans))
    for number in numbers:
        spans = [span for span in work.spans if span.file == number]
        start, end = spans[0].start, min(spans[-1].end, MOST_CHARACTERS)
        if start < end:
            inside = [_within(one, start, end) for one in stretches if one.start < end and start < one.end]
            what = "typed text" if number == OWN_TEXT else f"file {number}"
            yield _fenced(mark, what, without(work.text[start:end], inside))
    if not numbers:
        yield _fenced(mark, "typed text", "")


def _within(stretch: Stretch, start: int, end: int) -> Stretch:
    """The part of a stretch that lies in a part of the text, counted from there."""
    return Stretch(start=max(stretch.start, start) - start, end=min(stretch.end, end) - start, kind=stretch.kind)


def _fenced(mark: str, what: str, text: str) -> str:
    return f"--- {mark} {what}\n{text}\n--- {mark} end"
