"""Answering one turn from its claim to its end; it goes on whether or not anybody watches.

Whatever happens, the turn ends: with an answer, with an error that has a code, or, if the process dies, by its lease.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from time import monotonic, sleep

from sqlalchemy.orm import Session

from lti_tool.activity.events import EventKind, record
from lti_tool.content.security import Place, Spot, record_blocked_output
from lti_tool.db import transaction
from lti_tool.errors import ModelFailed, ToolError
from lti_tool.llm.injection.patterns import Trick
from lti_tool.runtime import Runtime
from lti_tool.tutor.answering.answer import Plan, Written, background_of, plan_answer, stream_answer
from lti_tool.tutor.answering.background import Background
from lti_tool.tutor.answering.followups import offer_follow_ups
from lti_tool.tutor.answering.prompt import prompt_version
from lti_tool.tutor.answering.review import Review
from lti_tool.tutor.answering.summary import is_due
from lti_tool.tutor.limits import allowance_of
from lti_tool.tutor.live.frames import Frame, Transcript
from lti_tool.tutor.live.live_turn import LiveTurn
from lti_tool.tutor.models import FrameKind, Outcome, Turn, TurnState
from lti_tool.tutor.tasks import ask_for_summary
from lti_tool.tutor.turns import CitedPassage, Ending, claim, finish

log = logging.getLogger(__name__)

SECONDS_BETWEEN_DELTAS = 0.05
SECONDS_AN_ANSWER = 0.001
MOST_SECONDS_BETWEEN_DELTAS = 0.25
"""Four times a second still reads as writing."""
WITHHELD = frozenset({"output_blocked", "content_filter"})
"""Errors about the question or the answer. With any other the passages stand in for the model that did not answer."""
EVENTS = {
    Outcome.ANSWER: EventKind.ANSWERED,
    Outcome.QUOTATION: EventKind.QUOTED,
    Outcome.REFUSAL: EventKind.REFUSED,
}


def answer_turn(runtime: Runtime, node: str, live: LiveTurn, language: str) -> None:
    """Claim the turn, answer it and store how it ended; the border of the answering thread."""
    try:
        with transaction(runtime.engine) as session:
            turn = claim(session, live.turn_id, node)
            background = background_of(session, turn) if turn else None
        if turn is None or background is None:
            # It waited so long for its turn that its lease ran out.
            live.publish(_given_up)
            return
        live.is_claimed = True
        ending = _ending_of(runtime, turn, background, live, language)
        live.is_claimed = False
        live.publish(lambda transcript: _store_end(runtime, node, turn, background, live, transcript, ending))
    except Exception:
        # The database is away. Whoever watches must hear that it ended; the row follows when the lease runs out.
        log.exception("turn_not_stored", extra={"turn": str(live.turn_id)})
        live.publish(_given_up)
        return
    if ending.outcome is Outcome.ANSWER and not live.lost.is_set():
        try:
            offer_follow_ups(runtime, turn, background, live)
        except Exception:
            log.exception("follow_ups_not_stored", extra={"turn": str(turn.id)})


def _given_up(transcript: Transcript) -> list[Frame]:
    return [transcript.keep(FrameKind.ERROR, {"code": "node_lost"})]


def _ending_of(runtime: Runtime, turn: Turn, background: Background, live: LiveTurn, language: str) -> Ending:
    """Every error becomes an ending: a turn whose row says nothing could not be tried again."""
    quoted: Sequence[CitedPassage] = ()
    try:
        plan = plan_answer(runtime, turn, background, language)
        quoted = plan.quoted
        return replace(_write(plan, turn, live, background.hosts), is_hint_first=plan.is_hint_first)
    except ToolError as error:
        log.warning("turn_failed", extra={"code": error.code, "turn": str(turn.id)})
        is_for_quotations = error.code not in WITHHELD and not live.transcript.text
        return Ending(state=TurnState.FAILED, error_code=error.code, citations=quoted if is_for_quotations else ())
    except Exception:
        log.exception("turn_defect", extra={"turn": str(turn.id)})
        return Ending(state=TurnState.FAILED, error_code="defect")


def _write(plan: Plan, turn: Turn, live: LiveTurn, hosts: frozenset[str]) -> Ending:
    if not plan.passages and plan.model is None:
        return Ending(state=TurnState.SUCCEEDED, outcome=Outcome.REFUSAL)
    if plan.model is None:
        return Ending(state=TurnState.SUCCEEDED, outcome=Outcome.QUOTATION, citations=plan.passages)
    live.transcript.references = {
        passage.number: f"#turn-{turn.position}-source-{passage.number}" for passage in plan.passages
    }
    review = Review(plan.passages, plan.told, hosts)
    live.transcript.review = review
    pace = Pace(live)
    written = stream_answer(plan, pace.add, lambda: _is_over(live, review), pace.pause)
    live.publish(Transcript.complete)
    if review.is_blocked:
        raise ModelFailed("output_blocked")
    if not (live.transcript.text or written.is_refusal or live.stopping.is_set()):
        # A model that says nothing has not answered, nor has a node that lost the turn before the first word.
        raise ModelFailed("answer_empty")
    return _ending_of_answer(plan, written, live, review)


def _is_over(live: LiveTurn, review: Review) -> bool:
    return live.stopping.is_set() or live.lost.is_set() or review.is_blocked


def _ending_of_answer(plan: Plan, written: Written, live: LiveTurn, review: Review) -> Ending:
    was_stopped = live.stopping.is_set() and written.usage is None
    outcome = Outcome.REFUSAL if written.is_refusal else Outcome.ANSWER
    return Ending(
        state=TurnState.CANCELLED if was_stopped else TurnState.SUCCEEDED,
        outcome=None if was_stopped else outcome,
        citations=review.citations(),
        model=plan.model_name,
        prompt_version=prompt_version(),
        prompt_tokens=written.usage.prompt_tokens if written.usage else None,
        completion_tokens=written.usage.completion_tokens if written.usage else None,
    )


def seconds_between_deltas(answers: int) -> float:
    """The longer the more are written at once: up to 250 together wake this process a thousand times a second."""
    return min(MOST_SECONDS_BETWEEN_DELTAS, max(SECONDS_BETWEEN_DELTAS, answers * SECONDS_AN_ANSWER))


class Pace:
    """Sends a piece at once, then lets words gather unread: a thread that wakes for every word costs most of all."""

    def __init__(self, live: LiveTurn) -> None:
        self.live = live
        self._next_at = 0.0

    def add(self, piece: str) -> None:
        self.live.transcript.add(piece)
        self.live.publish(Transcript.advance)
        self._next_at = monotonic() + seconds_between_deltas(len(self.live.company))

    def pause(self) -> None:
        """Wait until the next piece may be sent."""
        # Not for `stopping`: it is looked at with the next piece, and to wait for it costs three times as much.
        sleep(max(0.0, self._next_at - monotonic()))


def _store_end(
    runtime: Runtime,
    node: str,
    turn: Turn,
    background: Background,
    live: LiveTurn,
    transcript: Transcript,
    ending: Ending,
) -> list[Frame]:
    """The last frames, stored before they are sent: what a browser saw finished is finished."""
    frames = transcript.complete()
    if ending.citations:
        body = {"citations": [asdict(citation) for citation in ending.citations]}
        frames.append(transcript.keep(FrameKind.CITATIONS, body))
    with transaction(runtime.engine) as session:
        frames.append(_last_frame(session, background, transcript, ending))
        is_stored = finish(session, node, live.growth(), ending)
        if is_stored and ending.error_code == "output_blocked":
            record_blocked_output(session, _spot_of(turn, background), Trick.DISCLOSURE)
        if is_stored and ending.outcome is not None:
            record(
                session,
                EVENTS[ending.outcome],
                course_id=background.course_id,
                person_id=background.person_id,
                placement_id=background.placement_id,
                details={"conversation": str(turn.conversation_id), "turn": turn.position},
            )
            if ending.outcome is Outcome.ANSWER and is_due(background):
                ask_for_summary(session, turn.conversation_id)
    return frames if is_stored else _given_up(transcript)


def _spot_of(turn: Turn, background: Background) -> Spot:
    """The answer is the model's doing, so nobody's in particular."""
    return Spot(place=Place.ANSWER, object_id=turn.id, course_id=background.course_id)


def _last_frame(session: Session, background: Background, transcript: Transcript, ending: Ending) -> Frame:
    left_today = allowance_of(session, background.settings, background.person_id).left_today
    if ending.error_code is not None:
        return transcript.keep(FrameKind.ERROR, {"code": ending.error_code, "left_today": left_today})
    return transcript.keep(
        FrameKind.DONE,
        {
            "outcome": ending.outcome or ending.state,
            "left_today": left_today,
            "prompt_tokens": ending.prompt_tokens,
            "completion_tokens": ending.completion_tokens,
            "is_hint_first": ending.is_hint_first,
        },
    )
