"""Files of a form before and after they were looked at: each is taken or refused by itself, with a sentence."""

from dataclasses import dataclass
from typing import IO

from lti_tool.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of the form, not looked at yet."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; a page says the refusal in its own language."""

    name: str
    refusal: InvalidInput | None = None

    @property
    def is_accepted(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> str:
        """Why it was refused, in English; empty where it was taken."""
        return self.refusal.message if self.refusal else ""
