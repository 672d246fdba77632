"""The chain of custody as PDF, in the limited process: how much is said about a paper decides how long that takes."""

import base64

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files import sandbox
from lti_tool.files.drawing import draw

SHEET = PROJECT_ROOT / "static" / "css" / "custody.css"
LIMITS = sandbox.Limits(cpu_seconds=80)


def printed(html: str) -> bytes:
    """The PDF; raises InvalidInput where it is too long, or the system lacks what draws it."""
    try:
        return base64.b64decode(sandbox.run_within(LIMITS, draw, html, str(SHEET)))
    except ToolError as error:
        raise InvalidInput("custody_not_drawn", "This report cannot be made into a PDF here.") from error
