"""The papers whose grades were released, with the review behind each: what may leave the house."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval, ApprovalEnd, End
from lti_tool.grading.models import Review, Submission, SubmissionState
from lti_tool.grading.pagemarks.copies import marked_copy
from lti_tool.scans.exam import register_numbers

PAPERS = "paper:"
"""How the keys of work begin that papers became (handover/works.py)."""


@dataclass(frozen=True, kw_only=True)
class MarkedPaper:
    """One student's paper as it was marked."""

    person: Person
    name: str
    register_number: str
    review_id: int


def marked_papers(session: Session, exam: Placement) -> list[MarkedPaper]:
    """One a student, by the latest released approval, in the order of their names."""
    found = session.execute(
        select(Review.id, Person)
        .join(Submission, Submission.id == Review.submission_id)
        .join(Approval, and_(Approval.grade_id == Review.grade_id, Approval.grade_version == Review.grade_version))
        .join(ApprovalEnd, and_(ApprovalEnd.approval_id == Approval.id, ApprovalEnd.kind == End.RELEASED))
        .join(Person, Person.id == Submission.person_id)
        .where(
            Submission.placement_id == exam.id,
            Submission.state == SubmissionState.SUBMITTED,
            Submission.client_key.startswith(PAPERS),
        )
        .order_by(Approval.id)
    )
    latest = {person.id: (review_id, person) for review_id, person in found}
    numbers = register_numbers(session, exam.course_id)
    papers = [
        MarkedPaper(
            person=person,
            name=person.display_name,
            register_number=numbers.get(person.id, ""),
            review_id=review_id,
        )
        for review_id, person in latest.values()
    ]
    return sorted(papers, key=lambda paper: (paper.name.casefold(), paper.person.id))


def file_of(session: Session, store: FileStore, paper: MarkedPaper) -> StoredFile:
    """The paper with its marks drawn on it."""
    return marked_copy(session, store, session.get_one(Review, paper.review_id))
