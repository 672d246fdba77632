"""A pile of work from a member of staff, looked at before it is taken: whose each work is, or why it stays out."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.text import decoded
from lti_tool.errors import InvalidInput
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.grading.handing_in import LONGEST_TEXT, MOST_FILES
from lti_tool.grading.intake.found import FoundWork, works_in_archive, works_in_table
from lti_tool.grading.intake.models import WorkUpload
from lti_tool.grading.intake.roster import Roster, roster_of
from lti_tool.grading.intake.uploads import accepted_files
from lti_tool.grading.models import Submission, SubmissionState


@dataclass(frozen=True, kw_only=True)
class PileRow:
    """One person's work as it would be taken; `problem` is why it would not."""

    number: int
    found: FoundWork
    person: Person | None
    attempt: int
    problem: InvalidInput | None


@dataclass(frozen=True, kw_only=True)
class Pile:
    """What lies in an upload, and who may be meant."""

    upload: WorkUpload
    rows: list[PileRow]
    roster: Roster


def look_at(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    upload: WorkUpload,
    store: FileStore,
    chosen: Mapping[int, int],
    most: int,
) -> Pile:
    """Each work with its person or the reason why it cannot be taken; `chosen` are people by row."""
    roster, attempts = roster_of(session, viewer), _attempts(session, placement)
    graded, seen, rows = graded_people(session, placement), set[int](), []
    for number, found in enumerate(_works(upload, store)):
        person, problem = _person(roster, found, chosen.get(number))
        if person is not None:
            problem = _why_not(person, graded, seen) or _unusable(upload, store, found, most)
            seen.add(person.id)
        attempt = attempts.get(person.id, 0) + 1 if person else 1
        rows.append(PileRow(number=number, found=found, person=person, attempt=attempt, problem=problem))
    return Pile(upload=upload, rows=rows, roster=roster)


def graded_people(session: Session, placement: Placement) -> set[int]:
    """Whose grade a person has approved."""
    approved = select(Grade.person_id).join(Approval, Approval.grade_id == Grade.id)
    return set(session.scalars(approved.where(Grade.placement_id == placement.id)))


def _works(upload: WorkUpload, store: FileStore) -> list[FoundWork]:
    path = store.path(upload.file)
    if upload.file.media_type == MediaType.ARCHIVE:
        return works_in_archive(path)
    return works_in_table(decoded(path.read_bytes()))


def _person(roster: Roster, found: FoundWork, chosen: int | None) -> tuple[Person | None, InvalidInput | None]:
    if chosen in roster.students:
        return roster.students[chosen], None
    meant = roster.named(found.who)
    if len(meant) == 1:
        return meant[0], None
    if meant:
        return None, InvalidInput("person_ambiguous", "Several students are called so. Choose who is meant.")
    return None, InvalidInput("person_unknown", "No student of this course is called so. Choose who is meant.")


def _why_not(person: Person, graded: set[int], seen: set[int]) -> InvalidInput | None:
    if person.id in seen:
        return InvalidInput("person_twice", "Another work in this file is already this student's.")
    if person.id in graded:
        return InvalidInput("work_graded_already", "This student's grade is approved already.")
    return None


def _unusable(upload: WorkUpload, store: FileStore, found: FoundWork, most: int) -> InvalidInput | None:
    """The door's own words, without keeping what it let in."""
    try:
        if not found.text.strip() and not found.members:
            raise InvalidInput("work_empty", "There is neither a text nor a file.")
        if len(found.text) > LONGEST_TEXT or "\0" in found.text:
            raise InvalidInput(
                "text_unusable",
                "A text has at most %(longest_text)s characters. Send it as a file.",
                {"longest_text": LONGEST_TEXT},
            )
        if len(found.members) > MOST_FILES:
            raise InvalidInput(
                "too_many_files", "At most %(most_files)s files can be handed in.", {"most_files": MOST_FILES}
            )
        with accepted_files(upload, store, found, most):
            return None
    except InvalidInput as refusal:
        return refusal


def _attempts(session: Session, placement: Placement) -> dict[int, int]:
    rows = session.execute(
        select(Submission.person_id, Submission.attempt)
        .where(Submission.placement_id == placement.id, Submission.state == SubmissionState.SUBMITTED)
        .order_by(Submission.attempt)
    )
    return {person_id: attempt for person_id, attempt in rows}
