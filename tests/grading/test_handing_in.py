"""Handing in: what is kept, when it is possible, and what is refused with nothing half-stored."""

import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import Placement
from lti_tool.activity.models import Event, EventKind
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.grading.handing_in import MOST_FILES, SentFile, Work, hand_in
from lti_tool.grading.models import Submission, SubmissionState
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


def count(house: House, kind: type[object]) -> int | None:
    return house.session.scalar(select(func.count()).select_from(kind))


def test_text_and_files_become_the_first_attempt(handed_in: HandIn) -> None:
    made = handed_in("Essay", essay__pdf=samples.pdf("One", "Two"), plot__png=samples.picture())
    assert (made.attempt, made.state, made.text) == (1, SubmissionState.SUBMITTED, "Essay")
    assert [(row.number, row.file.name, row.pages) for row in made.files] == [
        (1, "essay.pdf", 2),
        (2, "plot.png", None),
    ]


def test_the_receipt_can_be_made_again_from_what_was_handed_in(handed_in: HandIn) -> None:
    made = handed_in("Essay", notes__txt=b"seen")
    words, notes = hashlib.sha256(b"Essay").hexdigest(), hashlib.sha256(b"seen").hexdigest()
    assert made.sha256 == hashlib.sha256(f"{words}\n{notes} notes.txt\n".encode()).hexdigest()


def test_it_is_in_the_activity_and_in_the_audit(house: House, handed_in: HandIn) -> None:
    made = handed_in()
    assert house.session.scalars(select(Event.kind)).all() == [EventKind.SUBMITTED]
    entry = house.session.scalars(select(AuditEntry).where(AuditEntry.action == "submission.handed_in")).one()
    assert (entry.object_id, entry.details["sha256"]) == (str(made.id), made.sha256)


def test_the_same_form_twice_is_one_submission(house: House, handed_in: HandIn) -> None:
    assert handed_in(key="k").id == handed_in(key="k").id
    assert count(house, Submission) == 1


def test_another_form_is_the_next_attempt(handed_in: HandIn) -> None:
    handed_in("First")
    assert handed_in("Second").attempt == 2


def test_late_work_is_taken_and_marked_late(activity: Placement, handed_in: HandIn) -> None:
    activity.due_at = now() - timedelta(minutes=1)
    assert handed_in().is_late


def test_work_before_the_due_date_is_not_late(activity: Placement, handed_in: HandIn) -> None:
    activity.due_at = now() + timedelta(minutes=1)
    assert not handed_in().is_late


def test_after_the_due_date_nothing_is_replaced(activity: Placement, handed_in: HandIn) -> None:
    handed_in()
    activity.due_at = now() - timedelta(minutes=1)
    with pytest.raises(InvalidInput, match="work_due"):
        handed_in()


def test_a_draft_grade_closes_nothing_and_says_nothing(handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in())
    assert handed_in().attempt == 2


def test_after_the_grade_is_approved_nothing_more_is_taken(handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in(), approved=True)
    with pytest.raises(InvalidInput, match="work_graded"):
        handed_in()


@pytest.mark.parametrize("name", ["teacher", "non_editing_teacher"])
def test_staff_hand_in_nothing(handed_in: HandIn, name: str) -> None:
    with pytest.raises(NotAllowed):
        handed_in(by=name)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "submission_empty"),
        (" \r\n ", "submission_empty"),
        ("x" * 100_001, "text_unusable"),
        ("\0", "text_unusable"),
    ],
)
def test_unusable_text_is_refused(house: House, handed_in: HandIn, words: str, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        handed_in(words)
    assert count(house, Submission) == 0


def test_one_bad_file_refuses_all_and_nothing_is_stored(house: House, handed_in: HandIn) -> None:
    with pytest.raises(InvalidInput, match="file_type_differs"):
        handed_in("Essay", notes__txt=b"fine", essay__pdf=b"no PDF")
    assert (count(house, Submission), count(house, StoredFile)) == (0, 0)


@pytest.mark.parametrize(
    ("content", "code"), [(samples.encrypted_pdf(), "file_encrypted"), (b"%PDF-1.4 broken", "file_broken")]
)
def test_an_unusable_file_is_refused(handed_in: HandIn, content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        handed_in(essay__pdf=content)


def test_too_many_files_are_refused(house: House, activity: Placement, store: FileStore) -> None:
    files = [SentFile(name="a.txt", stream=io.BytesIO(b"a"))] * (MOST_FILES + 1)
    with pytest.raises(InvalidInput, match="too_many_files"):
        hand_in(house.session, viewer_of(house, "student"), activity, Work(client_key="k", text="", files=files), store)


def test_a_form_without_its_key_is_refused(house: House, activity: Placement, store: FileStore) -> None:
    with pytest.raises(InvalidInput, match="form_key_missing"):
        hand_in(house.session, viewer_of(house, "student"), activity, Work(client_key="", text="x"), store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE submission SET text = 'better'",
        "UPDATE submission SET state = 'draft', sha256 = NULL, submitted_at = NULL",
        "UPDATE submission_file SET number = 9",
        "DELETE FROM submission_file",
    ],
)
def test_the_table_refuses_to_change_what_was_handed_in(house: House, handed_in: HandIn, change: str) -> None:
    handed_in(notes__txt=b"seen")
    with pytest.raises(DBAPIError, match="never change"):
        house.session.execute(text(change))
