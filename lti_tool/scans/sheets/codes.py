"""What a page code says: `X1`, the exam, the booklet's serial, the page, and ten characters of a MAC (scans.md 4.1).

A serial is drawn by lot and says nothing about anybody. A text that this installation did not make is never believed:
one damaged page in thousands gives a wrong text.
"""

import base64
import hashlib
import hmac
import re
import secrets as lots
from dataclasses import dataclass
from uuid import UUID

from lti_tool.secrets import Secrets

FORMAT = "X1"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
EXAM_LENGTH, SERIAL_LENGTH, MAC_LENGTH = 5, 7, 10
MOST_PAGES = 99
_FORM = re.compile(
    rf"{FORMAT}([A-Z2-7]{{{EXAM_LENGTH}}})([A-Z2-7]{{{SERIAL_LENGTH}}})([0-9]{{2}})([A-Z2-7]{{{MAC_LENGTH}}})"
)


@dataclass(frozen=True, kw_only=True)
class SheetCode:
    """One page of one printed booklet; page 0 is a sticker, which stands anywhere on any page."""

    exam: str
    serial: str
    page: int

    @property
    def is_sticker(self) -> bool:
        return self.page == 0

    @property
    def readable(self) -> str:
        """What is printed beside the code, for people."""
        serial = f"{self.serial[:3]} {self.serial[3:]}"
        return serial if self.is_sticker else f"{serial} / {self.page}"


def exam_mark(placement_id: UUID) -> str:
    """The five characters by which the codes of an exam are told from those of another."""
    return base64.b32encode(hashlib.sha256(placement_id.bytes).digest())[:EXAM_LENGTH].decode()


def new_serial() -> str:
    """A booklet's serial, drawn by lot."""
    return "".join(lots.choice(ALPHABET) for _ in range(SERIAL_LENGTH))


def code_text(secrets: Secrets, code: SheetCode) -> str:
    """What the symbol carries."""
    body = f"{FORMAT}{code.exam}{code.serial}{code.page:02d}"
    return body + _mac(secrets, body)


def read_code(secrets: Secrets, text: str) -> SheetCode | None:
    """The page that a symbol names, if this installation printed it."""
    found = _FORM.fullmatch(text)
    if found is None or not hmac.compare_digest(found[4], _mac(secrets, text[:-MAC_LENGTH])):
        return None
    return SheetCode(exam=found[1], serial=found[2], page=int(found[3]))


def looks_like_a_code(text: str) -> bool:
    """Whether a text has the form of a page code; only `read_code` says whether it is one."""
    return _FORM.fullmatch(text) is not None


def page_in(text: str) -> int:
    """The page that a text of this form names, believed or not; 0 for any other text."""
    found = _FORM.fullmatch(text)
    return int(found[3]) if found else 0


def _mac(secrets: Secrets, body: str) -> str:
    key = hmac.digest(secrets.app_key.encode(), b"lectern page codes", "sha256")
    return base64.b32encode(hmac.digest(key, body.encode(), "sha256"))[:MAC_LENGTH].decode()
