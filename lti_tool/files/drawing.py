"""HTML drawn as PDF by WeasyPrint, in the limited process: what stands in a page decides how long that takes.

It needs Pango, a library of the operating system. The tool starts without it and says so where a PDF is wanted.
"""

import base64
from pathlib import Path
from typing import Any

from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox


def can_draw() -> bool:
    """Asked in the limited process: without Pango WeasyPrint complains on the output of whoever imports it."""
    try:
        sandbox.run(_find_drawer)
    except InvalidInput:
        return False
    return True


def draw(html: str, sheet: str, has_tags: bool = True) -> str:
    """The PDF in base 64, with the styles of a file; called in the limited process only."""
    weasyprint = drawer()
    styles = [weasyprint.CSS(string=Path(sheet).read_text(encoding="utf-8"))]
    return base64.b64encode(weasyprint.HTML(string=html).write_pdf(stylesheets=styles, pdf_tags=has_tags)).decode()


def drawer() -> Any:
    """WeasyPrint, for the limited process. Raises InvalidInput where Pango is missing."""
    try:
        # It loads system libraries when it is imported, and they may be missing.
        import weasyprint
    except OSError as error:
        raise InvalidInput(
            "pango_missing", "No PDF can be made here: Pango, a library of the operating system, is missing."
        ) from error
    return weasyprint


def _find_drawer() -> None:
    drawer()
