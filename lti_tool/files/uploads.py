"""Files of a form before and after they were looked at: each is taken or refused by itself, with a sentence."""

from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of the form, not looked at yet."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; the reason where it was refused."""

    name: str
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.reason
