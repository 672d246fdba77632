"""The part of this process that answers turns: it starts them, keeps them saved, and lets connections follow any turn.

Nothing here is authoritative: the rows are. A turn that another node answers is followed through the table.
"""

import logging
import os
import socket
from threading import Event, Lock, Thread
from uuid import UUID, uuid4

from lti_tool.db import transaction
from lti_tool.runtime import Runtime
from lti_tool.tutor.answering.generation import answer_turn
from lti_tool.tutor.live.elsewhere import Elsewhere
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.live_turn import LiveTurn, Send
from lti_tool.tutor.models import Turn
from lti_tool.tutor.turns import save, stored_rest

log = logging.getLogger(__name__)

SECONDS_BETWEEN_SAVES = 1.0
SAVES_BETWEEN_RENEWALS = 10


class TutorNode:
    """One a process. In the foreground, as tests want it, `start` returns when the turn has ended."""

    def __init__(self, runtime: Runtime, *, in_background: bool = True) -> None:
        self.runtime = runtime
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.elsewhere = Elsewhere(runtime.engine)
        self._in_background = in_background
        self._live: dict[UUID, LiveTurn] = {}
        self._lock = Lock()
        self._keeper: Thread | None = None
        self._closing = Event()
        self._rounds = 0

    def start(self, turn_id: UUID, accepted: Frame, language: str) -> None:
        """Answer a stored question; call it once its transaction is committed."""
        live = LiveTurn(turn_id, accepted, company=self._live)
        with self._lock:
            self._live[turn_id] = live
        if not self._in_background:
            self._answer(live, language)
            return
        try:
            self._ensure_keeper()
            # Not a daemon: a process that is asked to stop lets its answers finish as long as it may.
            Thread(target=self._answer, args=(live, language), name="tutor-turn").start()
        except RuntimeError:
            # The process has no thread left. Whoever follows the turn hears from the table that its lease ran out.
            log.exception("turn_not_started", extra={"turn": str(turn_id)})
            self._let_go(live)

    def follow(self, turn_id: UUID, after: int, send: Send) -> None:
        """Send what a connection missed of a turn and, while it is open, all that comes, wherever it is answered."""
        live = self._live.get(turn_id)
        if live is not None:
            live.watch(after, send)
        else:
            self.elsewhere.follow(turn_id, after, send)

    def forget(self, send: Send) -> None:
        """Stop sending to a connection."""
        for live in list(self._live.values()):
            live.unwatch(send)
        self.elsewhere.forget(send)

    def rest(self, turn: Turn, after: int) -> list[Frame]:
        """What a browser that asks now and then still needs of a turn."""
        live = self._live.get(turn.id)
        if live is not None:
            return live.rest(after)
        with transaction(self.runtime.engine) as session:
            return stored_rest(session, session.get_one(Turn, turn.id), after)

    def stop(self, turn_id: UUID) -> None:
        """Stop a turn at once if it is answered here; elsewhere its node reads the row."""
        live = self._live.get(turn_id)
        if live is not None:
            live.stopping.set()

    def save_all(self) -> None:
        """Store what grew, renew leases, and hear which turns were taken away or should stop."""
        self._rounds += 1
        renew = self._rounds % SAVES_BETWEEN_RENEWALS == 0
        claimed = [live for live in list(self._live.values()) if live.is_claimed]
        growing = {live: live.growth() for live in claimed if renew or live.has_grown()}
        if not growing:
            return
        with transaction(self.runtime.engine) as session:
            saved = save(session, self.name, list(growing.values()))
        for live, growth in growing.items():
            if live.turn_id in saved.lost:
                live.lost.set()
            else:
                live.saved(growth)
            if live.turn_id in saved.stopping:
                live.stopping.set()

    def close(self) -> None:
        """End the threads that serve all turns; those that answer one end with it."""
        self._closing.set()
        self.elsewhere.close()

    def _answer(self, live: LiveTurn, language: str) -> None:
        try:
            answer_turn(self.runtime, self.name, live, language)
        finally:
            self._let_go(live)

    def _let_go(self, live: LiveTurn) -> None:
        """Forget it, unless the turn is being tried again already: that is another live turn, and stays."""
        with self._lock:
            if self._live.get(live.turn_id) is live:
                del self._live[live.turn_id]

    def _ensure_keeper(self) -> None:
        with self._lock:
            if self._keeper is None:
                keeper = Thread(target=self._keep, name="tutor-keeper", daemon=True)
                keeper.start()
                self._keeper = keeper

    def _keep(self) -> None:
        while not self._closing.wait(SECONDS_BETWEEN_SAVES):
            try:
                self.save_all()
            except Exception:
                # The database is away: the next round tries again, and the lease decides if it stays away.
                log.exception("turns_not_saved")
