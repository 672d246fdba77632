"""A rubric from what a teacher pastes or uploads: JSON, a table in one of four forms, or lines of text."""

from lti_tool.errors import InvalidInput
from lti_tool.grading.rubrics.drafts import RubricDraft
from lti_tool.grading.rubrics.grids import find_grid
from lti_tool.grading.rubrics.json_form import read_json
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.tables import rubric_from_grid

LONGEST_TEXT = 200_000


def read_anything(text: str) -> RubricDraft:
    """The draft, for a teacher to look at; raises InvalidInput."""
    # A tab at the beginning is the empty corner of a table.
    text = text.strip(" \r\n\ufeff")
    if not text.strip():
        raise InvalidInput("rubric_missing", "Paste a rubric or choose a file.")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput("rubric_too_long", "This is too long for a rubric.")
    if text.startswith(("{", "[")):
        return read_json(text)
    grid = find_grid(text)
    return read_lines(text) if grid is None else rubric_from_grid(grid)
