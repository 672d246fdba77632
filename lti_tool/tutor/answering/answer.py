"""What a question gets: the passages that were found, and a model's answer from them where there is a model.

Nothing good enough found: the course does not say, and no model is asked. No model, or its switch is off: the passages
themselves. What of the answer may be shown is review.py's to say.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from lti_tool.accounts.identities import identities_of
from lti_tool.accounts.models import Course
from lti_tool.db import columns
from lti_tool.llm.chat import ChatModel, Message, chat_model_in
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.usage import Usage
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT, SYSTEM_PROMPT
from lti_tool.site_settings.chat import HINT_WORDING
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.answering.passages import material_for
from lti_tool.tutor.answering.prompt import NOTHING_FOUND, Instructions, messages_for, prompt_text
from lti_tool.tutor.answering.review import platform_hosts
from lti_tool.tutor.answering.summary import most_verbatim, unsummarised, whose
from lti_tool.tutor.attachments.asked import attached_to, with_attachments
from lti_tool.tutor.hints.marks import assessed_in
from lti_tool.tutor.models import Conversation, Turn
from lti_tool.tutor.open_page.finding import find_open_page
from lti_tool.tutor.turns import CitedPassage

MOST_QUOTED = 3
# Built once: putting a statement together takes longer than asking it.
TITLE = select(Course.title).where(Course.id == bindparam("course_id"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The passages for a question and, where there is a model, what it will be asked.

    `quoted` is what is shown word for word where no model answers.
    """

    passages: Sequence[CitedPassage]
    quoted: Sequence[CitedPassage]
    model: ChatModel | None = None
    model_name: str = ""
    messages: Sequence[Message] = ()
    told: Sequence[str] = ()
    is_hint_first: bool = False


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a model's stream came to; `usage` is None when it was hung up on."""

    is_refusal: bool
    usage: Usage | None


def background_of(session: Session, turn: Turn) -> Background:
    """Read it in the transaction that claims the turn."""
    conversation = session.get_one(Conversation, turn.conversation_id)
    settings = snapshot(session, conversation.course_id)
    return Background(
        course_id=conversation.course_id,
        person_id=conversation.person_id,
        placement_id=conversation.placement_id,
        course_name=columns(session, TITLE, {"course_id": conversation.course_id}).scalar_one(),
        settings=settings,
        earlier=_earlier_answers(session, conversation, turn, most_verbatim(settings)),
        summary=conversation.summary,
        assessed=assessed_in(session, conversation.course_id, conversation.placement_id),
        hosts=platform_hosts(session, conversation.course_id),
        identities=identities_of(session, conversation.course_id),
        page=find_open_page(session, conversation.course_id, turn.course_module),
    )


def plan_answer(runtime: Runtime, turn: Turn, background: Background, language: str) -> Plan:
    """Find the passages, and see whether a model may be asked about them."""
    material = material_for(runtime, background, turn.question)
    attached = attached_to(runtime, background.settings, turn)
    model = _model_for(runtime, background) if material.passages or attached else None
    quoted = () if material.is_guess else material.passages[:MOST_QUOTED]
    if model is None:
        return Plan(passages=quoted, quoted=quoted, is_hint_first=material.is_assessed)
    instructions = Instructions(
        text=background.settings.read(SYSTEM_PROMPT),
        course_name=background.course_name,
        language=language,
        hints=background.settings.read(HINT_WORDING) if material.is_assessed else "",
    )
    return Plan(
        passages=material.passages,
        quoted=quoted,
        model=model,
        model_name=background.settings.read(CHAT_DEPLOYMENT),
        messages=with_attachments(
            messages_for(
                instructions=instructions,
                earlier=background.earlier,
                summary=background.summary,
                material=material,
                question=turn.question,
            ),
            attached,
        ),
        told=(instructions.filled, prompt_text()),
        is_hint_first=material.is_assessed,
    )


def stream_answer(
    plan: Plan, add: Callable[[str], None], is_given_up: Callable[[], bool], pause: Callable[[], None]
) -> Written:
    """Hand on the model's text as it comes; what may be its word for "nothing found" waits until that is clear."""
    assert plan.model is not None
    usage, held = None, ""
    is_clear = False
    with closing(plan.model.stream(plan.messages, pause=pause)) as stream:
        for piece in stream:
            if is_given_up():
                break
            if isinstance(piece, Usage):
                usage = piece
                continue
            held += piece.text
            is_clear = is_clear or not _may_be_refusal(held)
            if is_clear:
                add(held)
                held = ""
    is_refusal = held.strip().startswith(NOTHING_FOUND)
    if held and not is_refusal:
        add(held)
    return Written(is_refusal=is_refusal, usage=usage)


def _may_be_refusal(text: str) -> bool:
    start = text.lstrip()
    return NOTHING_FOUND.startswith(start) or start.startswith(NOTHING_FOUND)


def _earlier_answers(session: Session, conversation: Conversation, turn: Turn, most: int) -> list[Turn]:
    """The last answered turns of the conversation before this one, oldest first (R16, R147)."""
    before = {"before": turn.position, "most": most}
    return list(session.scalars(_last_answered(), whose(conversation) | before))[::-1]


@cache
def _last_answered() -> Select[Turn]:
    earlier = unsummarised().where(Turn.position < bindparam("before"))
    return earlier.order_by(Turn.position.desc()).limit(bindparam("most", type_=Integer))


def _model_for(runtime: Runtime, background: Background) -> ChatModel | None:
    caller = Caller(
        feature=Feature.TUTOR,
        purpose="tutor.answer",
        course_id=background.course_id,
        person_id=background.person_id,
        identities=background.identities,
    )
    return chat_model_in(background.settings, Door(engine=runtime.engine, secrets=runtime.secrets), caller)
