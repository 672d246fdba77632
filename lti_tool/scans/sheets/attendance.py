"""The list that is signed in the hall, as a PDF drawn in the limited process."""

from lti_tool.errors import InvalidInput, ToolError
from lti_tool.scans.sheets.drawing import pdf_of


def attendance_pdf(html: str) -> bytes:
    """Raises InvalidInput where the system lacks what draws it."""
    try:
        return pdf_of(html)
    except ToolError as error:
        raise InvalidInput("attendance_not_drawn", "This list cannot be made into a PDF here.") from error
