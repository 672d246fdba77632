"""Two or three questions that could follow an answer (R10, R148), asked of the model once the answer is out.

Whoever waits for the answer never waits for these, and where they fail nobody is told: they were never promised.
"""

import logging

from pydantic import Field
from sqlalchemy import func, update

from lti_tool.db import transaction
from lti_tool.errors import ToolError
from lti_tool.llm.chat import Message, MessageRole, chat_model
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.prompts import fresh_mark, load_prompt
from lti_tool.llm.structured import StrictSchema
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import ENABLE_SUGGESTIONS
from lti_tool.site_settings.switches import Feature
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.live.frames import Frame, Transcript
from lti_tool.tutor.live.live_turn import LiveTurn
from lti_tool.tutor.models import FrameKind, Turn, TurnFrame

log = logging.getLogger(__name__)

MOST = 3
LONGEST = 150
MOST_TOKENS = 200
ENOUGH_OF_AN_ANSWER = 4000


class FollowUps(StrictSchema):
    """What the model is asked for."""

    questions: list[str] = Field(max_length=10)


def offer_follow_ups(runtime: Runtime, turn: Turn, background: Background, live: LiveTurn) -> None:
    """Have them written, stored with the turn, and sent to whoever still watches."""
    if not background.settings.read(ENABLE_SUGGESTIONS):
        return
    try:
        questions = _questions(runtime, background, turn.question, live.transcript.text)
    except ToolError as error:
        log.info("no_follow_ups", extra={"code": error.code, "turn": str(turn.id)})
        return
    if questions:
        live.publish(lambda transcript: _stored(runtime, turn, transcript, questions))


def _questions(runtime: Runtime, background: Background, question: str, answer: str) -> list[str]:
    caller = Caller(
        feature=Feature.TUTOR,
        purpose="tutor.follow_ups",
        course_id=background.course_id,
        person_id=background.person_id,
        identities=background.identities,
    )
    model = chat_model(Door(engine=runtime.engine, secrets=runtime.secrets), caller)
    if model is None:
        return []
    prompt = load_prompt("tutor_follow_ups").fill(
        mark=fresh_mark(),
        question=neutralised(question).text,
        answer=neutralised(answer[:ENOUGH_OF_AN_ANSWER]).text,
    )
    written = model.structured([Message(role=MessageRole.USER, content=prompt)], FollowUps, max_tokens=MOST_TOKENS)
    lines = (" ".join(line.split()) for line in written.questions)
    return list(dict.fromkeys(line for line in lines if 0 < len(line) <= LONGEST and line != question))[:MOST]


def _stored(runtime: Runtime, turn: Turn, transcript: Transcript, questions: list[str]) -> list[Frame]:
    frame = transcript.keep(FrameKind.SUGGESTIONS, {"questions": questions})
    with transaction(runtime.engine) as session:
        kept = session.scalar(
            update(Turn)
            .where(Turn.id == turn.id, Turn.last_frame < frame.sequence, func.jsonb_array_length(Turn.suggestions) == 0)
            .values(suggestions=questions, last_frame=frame.sequence)
            .returning(Turn.id)
        )
        if kept is None:
            # Deleted meanwhile.
            return []
        session.add(TurnFrame(turn_id=turn.id, sequence=frame.sequence, kind=frame.kind, body=dict(frame.body)))
    return [frame]
