"""What is a notebook, and what its cells hold."""

from lti_tool.grading.notebooks import cells_of

NOTEBOOK = """{"cells": [
 {"cell_type": "markdown", "source": ["# A title\\n", "and text"]},
 {"cell_type": "code", "source": "x = 1\\nprint(x)", "outputs": [
   {"output_type": "stream", "text": ["1\\n"]}, {"data": {"image/png": "AA", "text/plain": "<Figure>"}}]}]}"""


def test_cells_have_their_text_and_what_they_printed() -> None:
    text, code = cells_of("a.ipynb", NOTEBOOK)
    assert (text.is_code, text.text) == (False, "# A title\nand text")
    assert (code.is_code, code.output, code.pictures) == (True, "1\n<Figure>", 1)


def test_what_is_no_notebook_has_no_cells() -> None:
    assert cells_of("a.ipynb", "{") == cells_of("a.ipynb", '{"cells": 3}') == cells_of("a.py", NOTEBOOK) == []
