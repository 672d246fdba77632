"""The rolling summary of a conversation (R16): the last turns go to the model word for word, older ones as a summary.

It is made after an answer, by a job, so no first token waits for it; it is stored with the conversation and extended.
Turns are rolled up a few at a time: until then they go word for word, and nothing falls between. A summary is made
from untrusted text, so it is treated as such: fenced when it is made and when it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.identities import identities_of
from lti_tool.db import transaction
from lti_tool.llm.chat import Message, MessageRole, chat_model
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.prompts import load_prompt
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.llm.structured import StrictSchema
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import HISTORY_WINDOW
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import Feature
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.answering.fences import Fences
from lti_tool.tutor.models import Conversation, Outcome, Turn, was_replaced

AT_ONCE = 3
WORDS = 150
LONGEST = 2000
MOST_TOKENS = 500


class Summary(StrictSchema):
    """What the model is asked for."""

    summary: str = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Older:
    """The answered turns that are to be rolled up, and what they are added to."""

    conversation: Conversation
    turns: Sequence[Turn]
    identities: Identities


@cache
def unsummarised() -> Select[Turn]:
    """The answered turns that are in no summary yet; `whose` says of which conversation."""
    return select(Turn).where(
        Turn.conversation_id == bindparam("conversation_id"),
        Turn.outcome == Outcome.ANSWER,
        Turn.position > bindparam("summarised_until"),
        ~was_replaced(),
    )


def whose(conversation: Conversation) -> dict[str, object]:
    return {"conversation_id": conversation.id, "summarised_until": conversation.summarised_until}


def most_verbatim(settings: Snapshot) -> int:
    """How many turns may have to go word for word; none where nothing is to be remembered."""
    window = settings.read(HISTORY_WINDOW)
    return window + AT_ONCE - 1 if window else 0


def is_due(background: Background) -> bool:
    """Whether one more answer than those that went word for word calls for a summary."""
    most = most_verbatim(background.settings)
    return bool(most) and len(background.earlier) >= most


def roll_up(runtime: Runtime, conversation_id: UUID) -> bool:
    """Take the turns beyond the window into the summary, if there are enough; whether that was done."""
    with transaction(runtime.engine) as session:
        older = _find_older(session, conversation_id)
    summary = _written(runtime, older) if older else None
    if older is None or summary is None:
        return False
    with transaction(runtime.engine) as session:
        return _store(session, older, summary)


def _find_older(session: Session, conversation_id: UUID) -> Older | None:
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return None
    window = snapshot(session, conversation.course_id).read(HISTORY_WINDOW)
    turns = session.scalars(unsummarised().order_by(Turn.position), whose(conversation)).all()
    if not window or len(turns) < window + AT_ONCE:
        return None
    return Older(
        conversation=conversation,
        turns=turns[:-window],
        identities=identities_of(session, conversation.course_id),
    )


def _written(runtime: Runtime, older: Older) -> str | None:
    caller = Caller(
        feature=Feature.TUTOR,
        purpose="tutor.summary",
        course_id=older.conversation.course_id,
        person_id=older.conversation.person_id,
        identities=older.identities,
    )
    model = chat_model(Door(engine=runtime.engine, secrets=runtime.secrets), caller)
    if model is None:
        return None
    made = model.structured(summary_messages(older), Summary, max_tokens=MOST_TOKENS)
    return neutralised(made.summary).text[:LONGEST].strip()


def summary_messages(older: Older) -> list[Message]:
    """The prompt of one summary."""
    fences = Fences()
    pieces = [fences.around("summary so far", older.conversation.summary)] if older.conversation.summary else []
    for turn in older.turns:
        pieces.append(fences.around("the student", turn.question))
        pieces.append(fences.around("the tutor", turn.answer_markdown))
    content = load_prompt("tutor_summary").fill(mark=fences.mark, turns="\n\n".join(pieces), words=str(WORDS))
    return [Message(role=MessageRole.USER, content=content)]


def _store(session: Session, older: Older, summary: str) -> bool:
    """Keep it, unless another job was first; a conversation that was deleted meanwhile keeps nothing."""
    stored = session.execute(
        update(Conversation)
        .where(
            Conversation.id == older.conversation.id,
            Conversation.summarised_until == older.conversation.summarised_until,
        )
        .values(summary=summary, summarised_until=older.turns[-1].position)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return stored.one_or_none() is not None
