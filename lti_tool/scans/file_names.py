"""What a file name claims: `{register number}_{subject code}.pdf` (R68), by the patterns of the course.

A name of another form claims nothing: whose the pages are is then read on them, or said by a person.
"""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.scans.sheets.layout import MOST_DIGITS
from lti_tool.site_settings.catalogue import REGISTER_PATTERN, SUBJECT_PATTERN
from lti_tool.site_settings.store import read

ENDINGS = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff")


@dataclass(frozen=True, kw_only=True)
class NameReading:
    """What was read from a name; a claim, and a weak one."""

    register_number: str
    subject_code: str


@dataclass(frozen=True, kw_only=True)
class NamePatterns:
    """How the files of a course are named."""

    register_number: str
    subject_code: str

    @classmethod
    def of_course(cls, session: Session, course_id: int) -> "NamePatterns":
        return cls(
            register_number=read(session, REGISTER_PATTERN, course_id),
            subject_code=read(session, SUBJECT_PATTERN, course_id),
        )

    def find(self, name: str) -> NameReading | None:
        """The claims of a file name; None where it claims nothing."""
        stem, dot, ending = name.rpartition(".")
        if f"{dot}{ending}".lower() not in ENDINGS:
            return None
        found = re.fullmatch(rf"({self.register_number})_({self.subject_code})", stem, re.ASCII)
        return NameReading(register_number=found[1], subject_code=found[2].upper()) if found else None

    def is_subject_code(self, text: str) -> bool:
        return re.fullmatch(self.subject_code, text, re.ASCII) is not None

    def is_register_number(self, text: str) -> bool:
        return re.fullmatch(self.register_number, text, re.ASCII) is not None

    @property
    def digits(self) -> int:
        """How many boxes a register number needs on paper: the most digits that fit; 0 where it is not all digits."""
        fitting = [count for count in range(1, MOST_DIGITS + 1) if self._fits_digits(count)]
        return fitting[-1] if fitting else 0

    def _fits_digits(self, count: int) -> bool:
        return any(self.is_register_number(digit * count) for digit in "0123456789")
