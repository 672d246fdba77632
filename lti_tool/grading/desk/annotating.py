"""The work as the desk and the feedback page show it: parts in their order, cut where evidence begins or ends.

Places are those of the readable work (grading/reading.py), so what a model quoted, what a marker quoted and what a
reader's eyes do not see all stand in the same text. Nothing here is markup: templates write the pieces.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise

from lti_tool.grading.desk.colours import Token, tokens_of
from lti_tool.grading.models import Submission
from lti_tool.grading.notebooks import CellPart
from lti_tool.grading.quotations import find_quotation
from lti_tool.grading.reading import OWN_TEXT, ReadableWork, Span
from lti_tool.grading.showing import Showing, ShownFile


class Source(StrEnum):
    """Whose evidence: the assistant's, or that of the person who marked; or what may try to steer the assistant."""

    DRAFT = "draft"
    MARKER = "marker"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True, kw_only=True)
class Highlight:
    """A stretch of the readable work that speaks for a criterion, by the criterion's number from 1 (0 for none)."""

    start: int
    end: int
    criterion: int
    source: Source
    quotation: str = ""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Text that is shown in one way: what it is evidence for, hidden in the file or not, and its colour as code."""

    text: str
    highlights: tuple[Highlight, ...] = ()
    is_concealed: bool = False
    colour: str = ""
    anchor: int | None = None
    """Where a highlight begins, so that a link can lead there."""


@dataclass(frozen=True, kw_only=True)
class ShownSpan:
    """A line of a program or a text, or what stands on a page."""

    page: int | None
    line: int | None
    pieces: tuple[Piece, ...]

    @property
    def is_blank(self) -> bool:
        return not any(piece.text.strip() for piece in self.pieces)


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """A cell of a notebook and what it printed; the lines of each are counted from 1."""

    number: int
    is_code: bool
    spans: tuple[ShownSpan, ...]
    output: tuple[ShownSpan, ...]
    pictures: int


@dataclass(frozen=True, kw_only=True)
class ShownPart:
    """The typed text (without a file), or a file with what could be read of it."""

    shown: ShownFile | None
    spans: tuple[ShownSpan, ...]
    is_code: bool = False
    why_unread: str = ""
    cells: tuple["ShownCell", ...] = ()

    def on_page(self, page: int) -> list[ShownSpan]:
        """What is read on a page that is shown as a picture."""
        return [span for span in self.spans if span.page == page and not span.is_blank]


def located(work: ReadableWork, quotations: Iterable[tuple[int, str]], source: Source) -> list[Highlight]:
    """Where (criterion, quotation) stand; what does not stand there is left out."""
    found = [(criterion, quotation, find_quotation(work.text, quotation)) for criterion, quotation in quotations]
    return [
        Highlight(start=place[0], end=place[1], criterion=criterion, source=source, quotation=quotation)
        for criterion, quotation, place in found
        if place is not None
    ]


def shown_parts(
    submission: Submission, files: Sequence[ShownFile], work: ReadableWork, highlights: Sequence[Highlight] = ()
) -> list[ShownPart]:
    """The typed text and the files of a loaded submission, cut for the page."""
    by_file: dict[int, list[Span]] = {}
    for span in work.spans:
        by_file.setdefault(span.file, []).append(span)
    unread = {unread.number: unread.why for unread in work.unread}
    parts = []
    if submission.text:
        parts.append(ShownPart(shown=None, spans=_cut(by_file.get(OWN_TEXT, []), work, highlights, {})))
    for shown in files:
        name, spans = shown.row.file.name, by_file.get(shown.row.number, [])
        tokens = tokens_of(name, _text_of(work, spans)) if shown.showing is Showing.LINES else None
        placed = _placed(tokens or [], spans)
        parts.append(
            ShownPart(
                shown=shown,
                spans=_cut(spans, work, highlights, placed),
                is_code=tokens is not None,
                why_unread=unread.get(shown.row.number, ""),
                cells=tuple(_cells(spans, work, highlights)),
            )
        )
    return parts


def _cells(spans: Sequence[Span], work: ReadableWork, highlights: Sequence[Highlight]) -> Iterator[ShownCell]:
    """The cells of a notebook, from what was read of it."""
    for number, group in groupby((span for span in spans if span.cell is not None), key=lambda span: span.cell):
        parts: dict[CellPart | None, list[Span]] = {}
        for span in group:
            parts.setdefault(span.part, []).append(span)
        code = parts.get(CellPart.CODE, [])
        tokens = _placed(tokens_of("cell.py", _text_of(work, code)) or [], code)
        yield ShownCell(
            number=number or 0,
            is_code=bool(code),
            spans=_cut(code or parts.get(CellPart.TEXT, []), work, highlights, tokens),
            output=_cut(parts.get(CellPart.OUTPUT, []), work, highlights, {}),
            pictures=len(parts.get(CellPart.PICTURE, [])),
        )


def _text_of(work: ReadableWork, spans: Sequence[Span]) -> str:
    return "\n".join(work.text[span.start : span.end] for span in spans)


def _placed(tokens: Sequence[Token], spans: Sequence[Span]) -> dict[int, list[Token]]:
    """The tokens of each line by the line's start, with places in the readable work; lines are joined by one sign."""
    placed: dict[int, list[Token]] = {}
    offset = 0
    for span in spans:
        length = span.end - span.start
        first = bisect_left(tokens, offset, key=lambda token: token.end)
        for token in tokens[first:]:
            if token.start >= offset + length:
                break
            start, end = max(token.start, offset), min(token.end, offset + length)
            if start < end:
                moved = Token(start=span.start + start - offset, end=span.start + end - offset, colour=token.colour)
                placed.setdefault(span.start, []).append(moved)
        offset += length + 1
    return placed


def _cut(
    spans: Sequence[Span],
    work: ReadableWork,
    highlights: Sequence[Highlight],
    tokens: Mapping[int, Sequence[Token]],
) -> tuple[ShownSpan, ...]:
    return tuple(
        ShownSpan(page=span.page, line=span.line, pieces=_pieces(span, work, highlights, tokens.get(span.start, ())))
        for span in spans
    )


def _pieces(
    span: Span, work: ReadableWork, highlights: Sequence[Highlight], tokens: Sequence[Token]
) -> tuple[Piece, ...]:
    here = [mark for mark in highlights if mark.start < span.end and mark.end > span.start]
    hidden = [(start, end) for start, end in work.concealed if start < span.end and end > span.start]
    borders = {span.start, span.end}
    for start, end in [*((mark.start, mark.end) for mark in here), *hidden, *((one.start, one.end) for one in tokens)]:
        borders |= {min(max(start, span.start), span.end), min(max(end, span.start), span.end)}
    places = sorted(borders)
    colours = iter(tokens)
    token = next(colours, None)
    pieces = []
    for start, end in pairwise(places):
        while token is not None and token.end <= start:
            token = next(colours, None)
        pieces.append(
            Piece(
                text=work.text[start:end],
                highlights=tuple(mark for mark in here if mark.start <= start and mark.end >= end),
                is_concealed=any(first <= start and last >= end for first, last in hidden),
                colour=token.colour if token is not None and token.start <= start else "",
                anchor=start if any(mark.start == start for mark in here) else None,
            )
        )
    return tuple(_joined(pieces))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Spaces go with what follows them: alone they would be a piece for each step of a program's indentation."""
    before = ""
    for piece in pieces:
        if not piece.text.strip() and not piece.highlights and not piece.is_concealed:
            before += piece.text
        elif piece.highlights or piece.is_concealed:
            if before:
                yield Piece(text=before)
            before = ""
            yield piece
        else:
            yield replace(piece, text=before + piece.text)
            before = ""
    if before:
        yield Piece(text=before)
