"""A turn that this node is answering: its transcript, and the connections that watch it grow."""

from collections.abc import Callable, Sequence, Sized
from threading import Event, RLock
from uuid import UUID

from lti_tool.tutor.live.frames import Frame, Transcript
from lti_tool.tutor.turns import Growth

Send = Callable[[UUID, Sequence[Frame]], bool]
"""Hands frames of a turn to a connection; False when the connection has gone."""


class LiveTurn:
    """Written by the thread that answers, watched by any number of connections.

    `is_claimed` from the moment its row says that this node answers it until it ends: only then can it be lost.
    `company` are all turns that this node is answering, as far as that matters.
    """

    def __init__(self, turn_id: UUID, accepted: Frame, company: Sized = ()) -> None:
        self.turn_id = turn_id
        self.company = company
        self.transcript = Transcript(accepted)
        self.stopping = Event()
        self.lost = Event()
        self.is_claimed = False
        self._lock = RLock()
        self._watchers: list[Send] = []
        self._saved_frames = 1
        self._saved_last = accepted.sequence

    def watch(self, after: int, send: Send) -> None:
        """Send what the connection missed, and from now on every frame."""
        with self._lock:
            if send(self.turn_id, self.transcript.rest(after)):
                self._watchers.append(send)

    def unwatch(self, send: Send) -> None:
        with self._lock:
            self._watchers = [watcher for watcher in self._watchers if watcher != send]

    def rest(self, after: int) -> list[Frame]:
        """What a browser that asks now and then, and saw frame `after`, still needs."""
        with self._lock:
            return self.transcript.rest(after)

    def publish(self, make: Callable[[Transcript], Sequence[Frame]]) -> None:
        """Let the transcript grow and send the frames; a connection that has gone is forgotten."""
        with self._lock:
            frames = make(self.transcript)
            if frames:
                self._watchers = [watcher for watcher in self._watchers if watcher(self.turn_id, frames)]

    def growth(self) -> Growth:
        """What is not stored yet; `saved` says that it was."""
        with self._lock:
            made = self.transcript
            return Growth(
                turn_id=self.turn_id,
                text=made.text[: made.sent],
                last_frame=made.last,
                frames=tuple(made.kept[self._saved_frames :]),
            )

    def has_grown(self) -> bool:
        return self.transcript.last > self._saved_last

    def saved(self, growth: Growth) -> None:
        with self._lock:
            self._saved_frames += len(growth.frames)
            self._saved_last = growth.last_frame
