"""A claimed delivery as values, with everything that sending it needs: no transaction is open while Moodle answers."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.moodle.client import MoodleAccess
from lti_tool.scans.delivery.states import Kind


@dataclass(frozen=True, kw_only=True)
class ParcelFile:
    """A file as it must lie in Moodle; its name there says nothing of the student."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """`user` is the student's number at Moodle, `course` and `number` Moodle's of course and assignment.

    `known` are the fingerprints of what we brought for this student before: only that may be replaced. `grade` is the
    grade of ours that the assignment holds; `is_grade_due` where one that was released is still on its way there.
    """

    kind: Kind
    access: MoodleAccess = field(repr=False)
    course: int
    number: int
    module: int
    user: int
    files: tuple[ParcelFile, ...]
    known: frozenset[str]
    grade: AssignmentDelivery | None
    is_grade_due: bool
    accepts_statement: bool
    draft: int | None
    drafted_at: datetime | None

    @property
    def work(self) -> ParcelFile:
        """The one file that is handed in."""
        return self.files[0]


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this worker holds."""

    delivery_id: UUID
    lease: UUID
    tries: int
