"""What a turn tells the browser, numbered, so that a connection that dropped gets the rest and nothing twice.

A delta adds plain text to the tail, a block replaces the tail's finished part by safe HTML. Whoever comes back gets
the stored frames after the last number it saw, and one delta that sets the tail: enough, wherever the turn runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.tutor.live.shown import Shown, as_written
from lti_tool.tutor.models import FrameKind
from lti_tool.web.markdown import NO_REFERENCES, finished_length, render_markdown

LAST_KINDS = frozenset({FrameKind.DONE, FrameKind.ERROR})


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One message to the browser."""

    sequence: int
    kind: FrameKind
    body: Mapping[str, Any]

    @property
    def is_last(self) -> bool:
        return self.kind in LAST_KINDS


def rest_of(kept: Sequence[Frame], *, text: str, last: int, after: int) -> list[Frame]:
    """What a browser that saw frame `after` still needs of a turn whose last frame was `last`."""
    rest = [frame for frame in kept if frame.sequence > after]
    last_kept = kept[-1].sequence if kept else 0
    if last > last_kept and last > after:
        rest.append(Frame(sequence=last, kind=FrameKind.DELTA, body={"tail": text[finished_until(kept) :]}))
    return rest


def finished_until(kept: Sequence[Frame]) -> int:
    """How much of the text the blocks of these frames hold."""
    ends: list[int] = [frame.body["end"] for frame in kept if frame.kind is FrameKind.BLOCK]
    return ends[-1] if ends else 0


class Transcript:
    """Turns a growing answer into frames; knows what was sent, what is finished and what is still tail."""

    def __init__(self, accepted: Frame) -> None:
        self.kept = [accepted]
        self.last = accepted.sequence
        self.text = ""
        self.references: Mapping[int, str] = NO_REFERENCES
        self.review: Callable[[str], Shown] = as_written
        self.sent = 0
        self._finished = 0
        self._reviewed = ""
        self._outline: list[int] = []

    def add(self, piece: str) -> None:
        """Text from the model; nothing is sent before `advance`."""
        self.text += piece

    def advance(self) -> list[Frame]:
        """The frames for what was added: a delta, and a block for each part that can no longer change."""
        fresh = self.text[self.sent :]
        if not fresh:
            return []
        self.sent = len(self.text)
        frames = [self._next(FrameKind.DELTA, {"text": fresh})]
        # Only a new line can begin a block: without one there is nothing to look for.
        finished = finished_length(self.text[self._finished :]) if "\n" in fresh or self._is_line_start(fresh) else 0
        if finished:
            frames.append(self._block(self._finished + finished))
        return frames

    def complete(self) -> list[Frame]:
        """The last block, when the answer is whole; its text is from then on what the review left of it."""
        self.sent = len(self.text)
        frames = [self._block(len(self.text))] if self.text[self._finished :].strip() else []
        self.text = self._reviewed
        self.sent = self._finished = len(self.text)
        return frames

    def keep(self, kind: FrameKind, body: Mapping[str, Any]) -> Frame:
        """Number a frame that is stored."""
        frame = self._next(kind, body)
        self.kept.append(frame)
        return frame

    def rest(self, after: int) -> list[Frame]:
        """What a browser that saw frame `after` still needs."""
        return rest_of(self.kept, text=self.text[: self.sent], last=self.last, after=after)

    def _is_line_start(self, fresh: str) -> bool:
        return self.text[: -len(fresh)].endswith(("\n", "\r"))

    def _block(self, end: int) -> Frame:
        shown = self.review(self.text[self._finished : end])
        html = str(render_markdown(shown.text, self.references, self._outline, shown.links))
        self._reviewed += shown.text
        self._finished = end
        return self.keep(FrameKind.BLOCK, {"html": html, "end": end, "tail": self.text[end : self.sent]})

    def _next(self, kind: FrameKind, body: Mapping[str, Any]) -> Frame:
        self.last += 1
        return Frame(sequence=self.last, kind=kind, body=body)
