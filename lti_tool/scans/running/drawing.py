"""The chain of custody as PDF, in the limited process: how much is said about a paper decides how long that takes."""

import base64
from pathlib import Path

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files import sandbox

SHEET = PROJECT_ROOT / "static" / "css" / "custody.css"
LIMITS = sandbox.Limits(cpu_seconds=80)


def printed(html: str) -> bytes:
    """The PDF; raises InvalidInput where it is too long, or the system lacks what draws it."""
    try:
        return base64.b64decode(sandbox.run_within(LIMITS, draw, html))
    except ToolError as error:
        raise InvalidInput("custody_not_drawn", "This report cannot be made into a PDF here.") from error


def draw(html: str) -> str:
    """The PDF in base64; called in the limited process only."""
    # It loads system libraries when it is imported, and they may be missing.
    from weasyprint import CSS, HTML

    sheet = CSS(string=Path(SHEET).read_text(encoding="utf-8"))
    return base64.b64encode(HTML(string=html).write_pdf(stylesheets=[sheet], pdf_tags=True)).decode()
