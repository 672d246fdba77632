"""The life of a turn in the table, as the node that answers it writes it: claimed, saved, finished, given up.

Every write says "if it is still mine": a node whose lease ran out changes nothing any more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.tutor.live.frames import Frame, rest_of
from lti_tool.tutor.models import OPEN_STATES, FrameKind, Outcome, Turn, TurnCitation, TurnFrame, TurnState

LEASE = timedelta(seconds=30)
CHANNEL = "tutor_turn"
WITHOUT_WAITING_FOR_THE_DISK = text("SET LOCAL synchronous_commit TO off")
UNSEEN = 1000
"""More frames than a node can send within a lease without saving: the number after them is new to every browser."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What a turn has so far, and the frames that were not stored yet."""

    turn_id: UUID
    text: str
    last_frame: int
    frames: Sequence[Frame]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """Of the turns that were saved: those that are no longer this node's, and those that somebody wants stopped."""

    lost: frozenset[UUID]
    stopping: frozenset[UUID]


@dataclass(frozen=True, kw_only=True)
class CitedPassage:
    """A passage as it read when it was cited."""

    number: int
    chunk_id: int
    title: str
    locator: str
    quotation: str
    course_url: str = ""
    is_supported: bool = True


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a turn ended."""

    state: TurnState
    outcome: Outcome | None = None
    error_code: str | None = None
    citations: Sequence[CitedPassage] = ()
    model: str | None = None
    prompt_version: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    is_hint_first: bool = False


CLAIM = (
    update(Turn)
    .where(Turn.id == bindparam("turn_id"), Turn.state == TurnState.TODO)
    .values(state=TurnState.DOING, node=bindparam("claiming"), lease_until=func.now() + LEASE)
    .returning(Turn)
    .execution_options(synchronize_session=False, populate_existing=True)
)


def claim(session: Session, turn_id: UUID, node: str) -> Turn | None:
    """Take a waiting turn; None if it is not waiting any more."""
    # If a crash of the database loses the claim, the lease ends the turn as it would have anyway.
    session.execute(WITHOUT_WAITING_FOR_THE_DISK)
    return session.scalar(CLAIM, {"turn_id": turn_id, "claiming": node})


def save(session: Session, node: str, growing: Sequence[Growth]) -> Saved:
    """Store what these turns have so far and renew their leases, in one statement for all."""
    # A crash of the database may cost the last moment of an unfinished answer: not worth a wait for the disk.
    session.execute(WITHOUT_WAITING_FOR_THE_DISK)
    rows = session.execute(
        SAVE,
        {
            "node": node,
            "lease": LEASE,
            "ids": [growth.turn_id for growth in growing],
            "texts": [growth.text for growth in growing],
            "lasts": [growth.last_frame for growth in growing],
        },
    ).all()
    mine = {row.id for row in rows}
    _store(session, [growth for growth in growing if growth.turn_id in mine])
    _tell(session, mine)
    return Saved(
        lost=frozenset(growth.turn_id for growth in growing) - mine,
        stopping=frozenset(row.id for row in rows if row.is_stopping),
    )


SAVE = text(
    "UPDATE turn SET answer_markdown = grown.text, last_frame = grown.last, lease_until = now() + :lease "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:texts AS text[]), CAST(:lasts AS bigint[])) AS grown(id, text, last) "
    "WHERE turn.id = grown.id AND turn.state = 'doing' AND turn.node = :node "
    "RETURNING turn.id, turn.is_stopping"
)


def finish(session: Session, node: str, growth: Growth, ending: Ending) -> bool:
    """Store the end of a turn; False if it was no longer this node's to end."""
    ended = session.execute(
        FINISH,
        {
            "turn_id": growth.turn_id,
            "finishing": node,
            "state": ending.state,
            "outcome": ending.outcome,
            "error_code": ending.error_code,
            "answer_markdown": growth.text,
            "last_frame": growth.last_frame,
            "model": ending.model,
            "prompt_version": ending.prompt_version,
            "prompt_tokens": ending.prompt_tokens,
            "completion_tokens": ending.completion_tokens,
            "is_hint_first": ending.is_hint_first,
        },
    ).one_or_none()
    if ended is None:
        return False
    _store(session, [growth])
    if ending.citations:
        session.execute(CITE, [{"turn_id": growth.turn_id} | asdict(cited) for cited in ending.citations])
    _tell(session, {growth.turn_id})
    return True


FINISH = (
    update(Turn.__table__)  # type: ignore[arg-type]
    .where(Turn.id == bindparam("turn_id"), Turn.state == TurnState.DOING, Turn.node == bindparam("finishing"))
    .values(lease_until=None, finished_at=func.now())
    .returning(Turn.id)
)
CITE = insert(TurnCitation.__table__)  # type: ignore[arg-type]


def fail_abandoned(session: Session, *which: ColumnElement[bool]) -> list[UUID]:
    """Mark open turns whose lease ran out as failed: their node died. Whoever looks at a turn calls this first."""
    failed = session.execute(
        update(Turn)
        .where(*which, Turn.state.in_(OPEN_STATES), Turn.lease_until < func.now())
        .values(
            state=TurnState.FAILED,
            error_code="node_lost",
            lease_until=None,
            finished_at=func.now(),
            last_frame=Turn.last_frame + UNSEEN,
        )
        .returning(Turn.id, Turn.last_frame)
    ).all()
    for turn_id, last_frame in failed:
        frame = Frame(sequence=last_frame, kind=FrameKind.ERROR, body={"code": "node_lost"})
        _store(session, [Growth(turn_id=turn_id, text="", last_frame=last_frame, frames=[frame])])
    _tell(session, {turn_id for turn_id, _ in failed})
    return [turn_id for turn_id, _ in failed]


def stored_rest(session: Session, turn: Turn, after: int) -> list[Frame]:
    """What a browser that saw frame `after` still needs, from the table."""
    rows = session.scalars(select(TurnFrame).where(TurnFrame.turn_id == turn.id).order_by(TurnFrame.sequence))
    kept = [Frame(sequence=row.sequence, kind=FrameKind(row.kind), body=row.body) for row in rows]
    return rest_of(kept, text=turn.answer_markdown, last=turn.last_frame, after=after)


STORE_FRAME = insert(TurnFrame).on_conflict_do_nothing()


def _store(session: Session, growing: Sequence[Growth]) -> None:
    rows = [
        {"turn_id": growth.turn_id, "sequence": frame.sequence, "kind": frame.kind, "body": dict(frame.body)}
        for growth in growing
        for frame in growth.frames
    ]
    if rows:
        # The end of a turn and a save under way may both hold a frame.
        session.execute(STORE_FRAME, rows)


def _tell(session: Session, turn_ids: set[UUID]) -> None:
    """Wake the nodes where somebody follows these turns; sent when the transaction commits."""
    if turn_ids:
        session.execute(TELL, {"channel": CHANNEL, "turns": [str(turn_id) for turn_id in turn_ids]})


TELL = text("SELECT pg_notify(:channel, turn) FROM unnest(CAST(:turns AS text[])) AS told (turn)")
