"""Whatever was missed, the frames put together are the answer, once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from lti_tool.tutor.live.frames import Frame, Transcript
from lti_tool.tutor.models import FrameKind
from lti_tool.web.markdown import render_markdown

ANSWER = (
    "## Osmosis\n\nWater moves **through** 🧪 a membrane [1].\n\n### Kinds\n\n- salt\n- sugar\n\n"
    "```\na\n\nb\n```\nThe end."
)
ACCEPTED = Frame(sequence=1, kind=FrameKind.ACCEPTED, body={})


@dataclass
class Browser:
    """What the page's script does with frames, in four lines."""

    seen: int = 0
    html: str = ""
    tail: str = ""
    kinds: list[FrameKind] = field(default_factory=list)

    def take(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            assert frame.sequence > self.seen, "a frame came twice"
            self.seen = frame.sequence
            self.kinds.append(frame.kind)
            self.html += frame.body.get("html", "")
            self.tail = frame.body.get("tail", self.tail) + frame.body.get("text", "")


def transcript() -> Transcript:
    made = Transcript(ACCEPTED)
    made.references = {1: "#s1"}
    return made


def test_a_browser_that_stays_sees_the_answer() -> None:
    growing, browser = transcript(), Browser()
    for letter in ANSWER:
        growing.add(letter)
        browser.take(growing.advance())
        assert browser.tail == growing.text[len(growing.text) - len(browser.tail) :]
    browser.take(growing.complete())
    assert (browser.html, browser.tail) == (render_markdown(ANSWER, {1: "#s1"}), "")


@pytest.mark.parametrize("missed_from", range(0, len(ANSWER), 5))
@pytest.mark.parametrize("missed", [1, 7, 200])
def test_a_browser_that_comes_back_loses_nothing_and_gets_nothing_twice(missed_from: int, missed: int) -> None:
    growing, browser = transcript(), Browser()
    for at, letter in enumerate(ANSWER):
        growing.add(letter)
        frames = growing.advance()
        if at == missed_from + missed:
            browser.take(growing.rest(browser.seen))
        elif not missed_from <= at < missed_from + missed:
            browser.take(frames)
    growing.complete()
    browser.take(growing.rest(browser.seen))
    assert (browser.html, browser.tail) == (render_markdown(ANSWER, {1: "#s1"}), "")


def test_a_finished_part_is_sent_as_a_block_while_the_next_grows() -> None:
    growing, browser = transcript(), Browser()
    for piece in ["One ", "para.\n", "\n", "Two"]:
        growing.add(piece)
        browser.take(growing.advance())
    assert (browser.html, browser.tail) == ("<p>One para.</p>\n", "Two")


def test_pieces_that_came_together_are_one_delta() -> None:
    growing = transcript()
    for piece in ["a", "b", "c"]:
        growing.add(piece)
    assert [frame.body for frame in growing.advance()] == [{"text": "abc"}]
    assert growing.advance() == []


def test_a_delta_is_not_kept_and_a_block_is() -> None:
    growing = transcript()
    growing.add("One\n\nTwo")
    growing.advance()
    assert [frame.kind for frame in growing.kept] == [FrameKind.ACCEPTED, FrameKind.BLOCK]


def test_text_that_was_not_sent_yet_is_not_in_the_rest() -> None:
    growing = transcript()
    growing.add("sent")
    growing.advance()
    growing.add(" not sent")
    assert [frame.body for frame in growing.rest(1)] == [{"tail": "sent"}]


def test_nothing_is_left_for_a_browser_that_saw_all() -> None:
    growing = transcript()
    growing.add("One")
    growing.advance()
    assert growing.rest(growing.last) == []
