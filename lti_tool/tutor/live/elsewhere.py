"""Following turns that another node answers: the table has what they sent, NOTIFY says when to look.

The look every two seconds is what must work; a notification (which some connection pools swallow) only makes it sooner.
"""

import logging
import select as readiness
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.tutor.live.live_turn import Send
from lti_tool.tutor.models import Turn
from lti_tool.tutor.turns import CHANNEL, fail_abandoned, stored_rest

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 2.0


@dataclass(kw_only=True, eq=False)
class Follower:
    """A connection and the last frame that it was sent."""

    turn_id: UUID
    after: int
    send: Send


class Elsewhere:
    """The followers of this process; its one listening thread starts with the first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._followers: list[Follower] = []
        self._lock = Lock()
        self._listener: Thread | None = None
        self._closing = Event()

    def follow(self, turn_id: UUID, after: int, send: Send) -> None:
        """Send what the table has beyond `after`, and go on while the turn is open."""
        follower = Follower(turn_id=turn_id, after=after, send=send)
        with transaction(self._engine) as session:
            if not self._bring_up_to_date(session, follower):
                return
        with self._lock:
            self._followers.append(follower)
            if self._listener is None:
                listener = Thread(target=self._listen, name="tutor-listener", daemon=True)
                listener.start()
                self._listener = listener

    def forget(self, send: Send) -> None:
        with self._lock:
            self._followers = [follower for follower in self._followers if follower.send != send]

    def look(self) -> None:
        """Bring every follower up to date, and let go of those whose turn has ended."""
        with self._lock:
            waiting = list(self._followers)
        if not waiting:
            return
        with transaction(self._engine) as session:
            done = [follower for follower in waiting if not self._bring_up_to_date(session, follower)]
        with self._lock:
            self._followers = [follower for follower in self._followers if follower not in done]

    def close(self) -> None:
        """End the listening thread at its next look."""
        self._closing.set()

    def _bring_up_to_date(self, session: Session, follower: Follower) -> bool:
        """Whether there is more to come."""
        fail_abandoned(session, Turn.id == follower.turn_id)
        turn = session.get(Turn, follower.turn_id, populate_existing=True)
        if turn is None:
            return False
        frames = stored_rest(session, turn, follower.after)
        if frames:
            follower.after = frames[-1].sequence
            return follower.send(turn.id, frames) and turn.is_open
        return turn.is_open

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                with closing(self._engine.raw_connection()) as pooled:
                    connection = pooled.driver_connection
                    pooled.detach()
                    self._wait_for_news(connection)
            except Exception:
                if not self._closing.wait(SECONDS_BETWEEN_LOOKS):
                    log.exception("turns_not_followed")

    def _wait_for_news(self, connection: Any) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        look_at = monotonic() + SECONDS_BETWEEN_LOOKS
        while not self._closing.is_set():
            readiness.select([connection], [], [], max(0.0, look_at - monotonic()))
            connection.poll()
            # However much news there is of other turns.
            if self._concerns_us(connection.notifies) or monotonic() >= look_at:
                self.look()
                look_at = monotonic() + SECONDS_BETWEEN_LOOKS
            connection.notifies.clear()

    def _concerns_us(self, notifications: Iterable[Any]) -> bool:
        followed = {str(follower.turn_id) for follower in self._followers}
        return any(notification.payload in followed for notification in notifications)
