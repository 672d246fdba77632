"""What a file name claims: `{register number}_{subject code}.pdf` (R68), by the patterns of the course."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.site_settings.catalogue import REGISTER_PATTERN, SUBJECT_PATTERN
from lti_tool.site_settings.store import read

ENDING = ".pdf"


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

    def read(self, name: str) -> NameReading:
        """The claims of a file name; raises InvalidInput with what is expected instead."""
        stem = name[: -len(ENDING)] if name.lower().endswith(ENDING) else ""
        found = re.fullmatch(rf"({self.register_number})_({self.subject_code})", stem, re.ASCII)
        if found is None:
            raise InvalidInput(
                "file_name_unreadable",
                "“%(name)s” is not named by register number and subject code, such as 230521100101_BIO210.pdf.",
                {"name": name},
            )
        return NameReading(register_number=found[1], subject_code=found[2].upper())

    def is_subject_code(self, text: str) -> bool:
        return re.fullmatch(self.subject_code, text, re.ASCII) is not None
