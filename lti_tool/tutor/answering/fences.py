"""Untrusted text in a prompt: without what tries to instruct, and between lines with a mark nobody can know (R166)."""

from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.prompts import fresh_mark


class Fences:
    """The marks of one request."""

    def __init__(self) -> None:
        self.mark = fresh_mark()

    def around(self, what: str, text: str) -> str:
        """The text between its lines; `what` says what it is, in one line without anybody's orders."""
        return f"--- {self.mark} {what}\n{neutralised(text).text}\n--- {self.mark} end"


def one_line(text: str) -> str:
    """A title as it may stand in such a line."""
    return " ".join(neutralised(text).text.split())
