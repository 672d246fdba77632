"""The list that is signed in the hall, as a PDF drawn in the limited process."""

import base64

from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files import sandbox
from lti_tool.scans.sheets.drawing import LIMITS, draw


def attendance_pdf(html: str) -> bytes:
    """Raises InvalidInput where the system lacks what draws it."""
    try:
        return base64.b64decode(sandbox.run_within(LIMITS, draw, html))
    except ToolError as error:
        raise InvalidInput("attendance_not_drawn", "This list cannot be made into a PDF here.") from error
