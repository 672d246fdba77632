"""The work of a run: its items one by one, each on its own, until none is left or somebody or something says stop.

What is wrong with one submission fails that item. A server that is away makes the run wait, longer each time; a switch,
a spent budget or a gate that closed ends it.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput, ModelFailed, NotAllowed, NotFound, ToolError
from lti_tool.files.store import FileStore
from lti_tool.grading.agreement.gate import drafting_state
from lti_tool.grading.proposals.asking import propose
from lti_tool.grading.proposals.models import DraftItem, DraftRun, ItemState, Purpose, RunState
from lti_tool.grading.proposals.run_ends import OPEN, end_run
from lti_tool.llm.door import SERVER_AT_FAULT, Door

AWAY = SERVER_AT_FAULT - {"provider_key_refused"} | {"circuit_open"}
"""What passes by itself."""
ENDS = frozenset({"not_configured", "provider_key_refused", "provider_not_allowed", "rubric_missing"})
"""What the next submission would meet again."""
LANES = 4
"""So many jobs of a run work side by side, each on its own share of the items."""
MOST_TRIES = 10
FIRST_WAIT = 30
LONGEST_WAIT = 900


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The run goes on after so long."""

    length: timedelta


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """The item that is next."""

    item_id: int
    submission_id: UUID
    purpose: Purpose


def work_on(door: Door, store: FileStore, run_id: UUID, lane: int) -> Wait | None:
    """Make the drafts of one lane; None when it is done, or how long to wait for a server that is away."""
    while turn := _next_turn(door, run_id, lane):
        try:
            propose(door, store, turn.submission_id, turn.purpose)
        except ToolError as error:
            if error.code in AWAY:
                return note_away(door, run_id, error.code)
            if isinstance(error, NotAllowed) or error.code in ENDS:
                end_early(door, run_id, error.code)
                return None
            if not isinstance(error, (InvalidInput, ModelFailed, NotFound)):
                _settle(door, turn, ItemState.FAILED, "defect")
                raise
            _settle(door, turn, ItemState.FAILED, error.code)
        except Exception:
            # The job is tried again; the others go on without this one.
            _settle(door, turn, ItemState.FAILED, "defect")
            raise
        else:
            _settle(door, turn, ItemState.SUCCEEDED)
    return None


def open_run(door: Door, run_id: UUID) -> DraftRun | None:
    """The run, at work from now on; None if it has ended, also here and now because the gate has closed."""
    with transaction(door.engine) as session:
        return _opened(session, run_id)


def _opened(session: Session, run_id: UUID) -> DraftRun | None:
    run = session.get(DraftRun, run_id, with_for_update=True)
    if run is None or run.state not in OPEN:
        return None
    if run.purpose == Purpose.DRAFT and not _is_allowed(session, run):
        end_run(session, run, RunState.FAILED, "drafts_not_allowed")
        return None
    run.state = RunState.DOING
    return run


def _next_turn(door: Door, run_id: UUID, lane: int) -> _Turn | None:
    """The lane's next item, or None after ending a run that has none left or may not go on."""
    with transaction(door.engine) as session:
        run = _opened(session, run_id)
        if run is None:
            return None
        item = _first(session, run_id, lane)
        if item is None:
            if _first(session, run_id, None) is None:
                end_run(session, run, RunState.SUCCEEDED)
            return None
        return _Turn(item_id=item.id, submission_id=item.submission_id, purpose=Purpose(run.purpose))


def _first(session: Session, run_id: UUID, lane: int | None) -> DraftItem | None:
    wanted = select(DraftItem).where(DraftItem.run_id == run_id, DraftItem.state == ItemState.TODO)
    if lane is not None:
        wanted = wanted.where(DraftItem.number % LANES == lane)
    return session.scalar(wanted.order_by(DraftItem.number).limit(1))


def _settle(door: Door, turn: _Turn, state: ItemState, error_code: str | None = None) -> None:
    with transaction(door.engine) as session:
        item = session.get(DraftItem, turn.item_id, with_for_update=True)
        # Stopped meanwhile, it stays so; the draft itself is there.
        if item is not None and item.state == ItemState.TODO:
            item.state, item.error_code = state, error_code
            run = session.get_one(DraftRun, item.run_id)
            run.tries, run.error_code = 0, None


def note_away(door: Door, run_id: UUID, code: str) -> Wait | None:
    """Note that the server is away; None after too many tries."""
    with transaction(door.engine) as session:
        run = _locked(session, run_id)
        if run is None or run.state not in OPEN:
            return None
        run.tries += 1
        if run.tries > MOST_TRIES * LANES:
            end_run(session, run, RunState.FAILED, "gave_up")
            return None
        run.state, run.error_code = RunState.TODO, code
        seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (run.tries // LANES))
        return Wait(length=timedelta(seconds=seconds))


def end_early(door: Door, run_id: UUID, code: str) -> None:
    """End a run that cannot go on."""
    with transaction(door.engine) as session:
        run = _locked(session, run_id)
        if run is not None and run.state in OPEN:
            end_run(session, run, RunState.FAILED, code)


def _locked(session: Session, run_id: UUID) -> DraftRun | None:
    return session.get(DraftRun, run_id, with_for_update=True)


def _is_allowed(session: Session, run: DraftRun) -> bool:
    return drafting_state(session, session.get_one(Placement, run.placement_id)).is_allowed
