"""What became of a file that was sent, in the language of the page."""

from lti_tool.files.uploads import Outcome
from lti_tool.web.error_pages import told


def told_of(outcome: Outcome) -> str:
    """Why the file was refused; empty where it was taken."""
    return told(outcome.refusal) if outcome.refusal else ""
