"""The work cut where evidence begins and ends, where its files hide something, and where code changes colour."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from lti_tool.grading.desk.annotating import Highlight, ShownPart, ShownSpan, Source, located, shown_parts
from lti_tool.grading.desk.colours import tokens_of
from lti_tool.grading.notebooks import cells_of, lines_of
from lti_tool.grading.reading import ReadableWork, Span
from lti_tool.grading.showing import Showing, ShownFile

TEXT = "The median is robust.\nIt stays."
WORK = ReadableWork(
    text=TEXT,
    spans=(Span(start=0, end=21, file=0, line=1), Span(start=22, end=31, file=0, line=2)),
    concealed=((4, 10),),
)
NOTEBOOK = """{"cells": [
 {"cell_type": "markdown", "source": ["# A title\\n", "and text"]},
 {"cell_type": "code", "source": "x = 1\\nprint(x)", "outputs": [
   {"output_type": "stream", "text": ["1\\n"]}, {"data": {"image/png": "AA", "text/plain": "<Figure>"}}]}]}"""


def written(text: str, highlights: list[Highlight], work: ReadableWork = WORK) -> ShownPart:
    submission: Any = SimpleNamespace(text=text)
    return shown_parts(submission, [], work, highlights)[0]


def file_named(name: str, text: str, highlights: list[Highlight]) -> ShownPart:
    row: Any = SimpleNamespace(number=1, pages=None, file=SimpleNamespace(name=name))
    spans, start = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        spans.append(Span(start=start, end=start + len(line), file=1, line=number))
        start += len(line) + 1
    work = ReadableWork(text=text, spans=tuple(spans))
    shown = ShownFile(row=row, showing=Showing.LINES)
    return shown_parts(cast(Any, SimpleNamespace(text="")), [shown], work, highlights)[0]


def test_a_quotation_is_marked_where_it_stands_over_the_end_of_a_line() -> None:
    marks = located(WORK, [(2, "robust. It")], Source.MARKER)
    first, second = written(TEXT, marks).spans
    assert [piece.text for piece in first.pieces if piece.highlights] == ["robust."]
    assert [piece.text for piece in second.pieces if piece.highlights] == ["It"]
    assert {mark.criterion for span in (first, second) for piece in span.pieces for mark in piece.highlights} == {2}


def test_what_does_not_stand_there_is_marked_nowhere() -> None:
    assert located(WORK, [(1, "The mean is robust")], Source.DRAFT) == []


def test_quotations_may_lie_over_one_another() -> None:
    marks = [*located(WORK, [(1, "median is")], Source.DRAFT), *located(WORK, [(2, "is robust")], Source.MARKER)]
    pieces = written(TEXT, marks).spans[0].pieces
    assert [(piece.text, len(piece.highlights)) for piece in pieces] == [
        ("The ", 0), ("median", 1), (" ", 1), ("is", 2), (" robust", 1), (".", 0),
    ]  # fmt: skip
    assert [piece.anchor for piece in pieces if piece.anchor is not None] == [4, 11]


def test_what_readers_do_not_see_is_said_to_be_hidden() -> None:
    assert [piece.text for piece in written(TEXT, []).spans[0].pieces if piece.is_concealed] == ["median"]


def test_a_program_has_lines_and_colours_and_keeps_every_letter() -> None:
    code = 'def f(x):\n    """Two\n    lines."""\n    return x  # done'
    part = file_named("work.py", code, [])
    assert part.is_code and "\n".join("".join(piece.text for piece in span.pieces) for span in part.spans) == code
    colours = {piece.text.strip(): piece.colour for span in part.spans for piece in span.pieces}
    assert colours["def"] == "hl-k" and colours["# done"] == "hl-c1" and colours['lines."""'] == "hl-sd"


def test_evidence_in_a_program_stands_in_its_line() -> None:
    work = ReadableWork(text="x = 1\nreturn x")
    part = file_named("work.py", work.text, located(work, [(1, "return x")], Source.DRAFT))
    assert "".join(piece.text for piece in part.spans[1].pieces if piece.highlights) == "return x"
    assert not any(piece.highlights for piece in part.spans[0].pieces)


def test_writing_has_no_colours() -> None:
    assert tokens_of("essay.txt", "def x") is None and tokens_of("a.unknownkind", "def x") is None


def notebook(highlights: Callable[[ReadableWork], list[Highlight]] = lambda work: []) -> ShownPart:
    spans, text = [], ""
    for line in lines_of(cells_of("a.ipynb", NOTEBOOK)):
        spans.append(
            Span(
                start=len(text), end=len(text) + len(line.text), file=1, line=line.line, cell=line.cell, part=line.part
            )
        )
        text += f"{line.text}\n"
    work = ReadableWork(text=text, spans=tuple(spans))
    row: Any = SimpleNamespace(number=1, pages=None, file=SimpleNamespace(name="a.ipynb"))
    shown = ShownFile(row=row, showing=Showing.LINES)
    return shown_parts(cast(Any, SimpleNamespace(text="")), [shown], work, highlights(work))[0]


def written_in(spans: Sequence[ShownSpan]) -> list[str]:
    return ["".join(piece.text for piece in span.pieces) for span in spans]


def test_a_notebook_is_shown_by_its_cells_with_what_they_printed() -> None:
    text, code = notebook().cells
    assert (text.is_code, written_in(text.spans)) == (False, ["# A title", "and text"])
    assert (code.is_code, written_in(code.output), code.pictures) == (True, ["1", "<Figure>"], 1)
    assert {piece.colour for span in code.spans for piece in span.pieces} >= {"hl-nb"}


def test_evidence_is_marked_within_the_cell_and_in_what_it_printed() -> None:
    cells = notebook(lambda work: located(work, [(1, "print(x)"), (1, "<Figure>")], Source.MARKER)).cells
    marked = ["".join(p.text for s in (*cell.spans, *cell.output) for p in s.pieces if p.highlights) for cell in cells]
    assert marked == ["", "print(x)<Figure>"]
