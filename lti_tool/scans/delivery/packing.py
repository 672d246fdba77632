"""Put together what a claimed delivery needs, or say why it cannot go now: the last look at our own rows.

A paper that was accepted on behalf of its student waits until they have said that it is theirs: in Moodle they would
see all of it.

The file of a paper is the one that was handed over to the marking desk (scans/handover.py), so the same bytes are
marked, delivered and compared.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import access_with, find_moodle_course, may_be_in_moodle
from lti_tool.db import now
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.deliveries import AssignmentDelivery, held_of_ours
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade
from lti_tool.grading.models import Review, Submission, SubmissionState
from lti_tool.grading.pagemarks.copies import marked_copy
from lti_tool.lti.models import RegistrationStatus
from lti_tool.moodle.client import MoodleAccess
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.models import Delivery, LentKey
from lti_tool.scans.delivery.parcels import Parcel, ParcelFile
from lti_tool.scans.delivery.states import KEY_NEEDED, DeliveryState, Kind
from lti_tool.scans.delivery.verdicts import HELD_WAIT, SOON, Verdict, blocked, later
from lti_tool.scans.handover.works import find_work
from lti_tool.scans.models import Paper
from lti_tool.scans.papers import is_claimed
from lti_tool.scans.states import PaperState
from lti_tool.secrets import Secrets

TAKEN_BACK = "taken_back"


def pack(runtime: Runtime, session: Session, delivery: Delivery) -> Parcel | Verdict:
    """Everything about a delivery as values."""
    work = _work_of(session, delivery)
    if work is None:
        is_his = _is_his(session, delivery)
        return later("paper_first", SOON) if is_his else Verdict(state=DeliveryState.WITHDRAWN, reason=TAKEN_BACK)
    if not is_claimed(session, delivery.paper):
        return later("unclaimed", HELD_WAIT)
    access, course, accepts = _access(runtime, session, delivery)
    if access is None:
        return blocked(KEY_NEEDED if delivery.kind == Kind.WORK else "no_token")
    if not delivery.person.sub.isdecimal():
        return blocked("student_unknown")
    files = _files(runtime, session, delivery, work)
    grade, is_due = _grade(session, delivery)
    return Parcel(
        kind=Kind(delivery.kind),
        access=access,
        course=course,
        number=delivery.target.number,
        module=delivery.target.module,
        user=int(delivery.person.sub),
        files=files,
        known=_known(session, delivery),
        grade=grade,
        is_grade_due=is_due,
        accepts_statement=accepts,
        draft=delivery.draft,
        drafted_at=delivery.drafted_at,
    )


def _is_his(session: Session, delivery: Delivery) -> bool:
    """Whether the paper still is this student's and confirmed."""
    paper = session.get_one(Paper, delivery.paper_id)
    return paper.state == PaperState.CONFIRMED and paper.person_id == delivery.person_id


def _work_of(session: Session, delivery: Delivery) -> Submission | None:
    """What the marking desk has of the paper as it is bound now; None for a paper that is not his any more."""
    if not _is_his(session, delivery):
        return None
    work = find_work(session, session.get_one(Paper, delivery.paper_id))
    return work if work is not None and work.state == SubmissionState.SUBMITTED else None


def _access(runtime: Runtime, session: Session, delivery: Delivery) -> tuple[MoodleAccess | None, int, bool]:
    """With whose key, to which course of Moodle's, and whether the student accepts its statement."""
    course = session.get_one(Course, delivery.target.course_id)
    if delivery.kind != Kind.WORK:
        found = find_moodle_course(session, runtime.secrets, course.id)
        return (found.access, found.number, False) if found else (None, 0, False)
    lent = _lent(session, delivery.target_id, delivery.person_id)
    if lent is None or not is_moodle(course):
        return None, 0, False
    access = access_with(course.deployment.registration, _text_of(runtime.secrets, lent), course.id)
    return access, int(course.context_id), lent.accepts_statement


def is_moodle(course: Course) -> bool:
    """Whether calls to the course's platform may be made."""
    return may_be_in_moodle(course) and course.deployment.registration.status == RegistrationStatus.ACTIVE


def _lent(session: Session, target_id: int, person_id: int) -> LentKey | None:
    wanted = select(LentKey).where(LentKey.target_id == target_id, LentKey.person_id == person_id)
    return session.scalar(wanted.where(LentKey.expires_at > now()))


def _text_of(secrets: Secrets, lent: LentKey) -> str:
    return secrets.decrypt(lent.key_encrypted)


def _files(runtime: Runtime, session: Session, delivery: Delivery, work: Submission) -> tuple[ParcelFile, ...]:
    """The scan, and before it a marked copy; the bytes are compared with their fingerprints first."""
    store = FileStore.of(runtime.settings)
    scan = work.files[0].file
    stored, names = [scan], ["paper"]
    if delivery.kind == Kind.MARKED:
        stored, names = [_marked(session, store, delivery), scan], ["marked", "paper"]
    for file in stored:
        store.verify(file)
    if not delivery.sha256:
        delivery.file_id, delivery.sha256 = stored[0].id, stored[0].sha256
        session.flush()
    short = delivery.paper_id.hex[:8]
    return tuple(
        ParcelFile(name=f"{name}-{short}.pdf", path=store.path(file), size=file.size, sha256=file.sha256)
        for name, file in zip(names, stored, strict=True)
    )


def _marked(session: Session, store: FileStore, delivery: Delivery) -> StoredFile:
    """Made once, then kept: every try sends the same bytes."""
    if delivery.file_id is not None:
        return session.get_one(StoredFile, delivery.file_id)
    review = session.scalars(
        select(Review)
        .join(
            Approval,
            (Approval.grade_id == Review.grade_id) & (Approval.grade_version == Review.grade_version),
        )
        .where(Approval.id == delivery.approval_id)
        .order_by(Review.id.desc())
        .limit(1)
    ).one()
    return marked_copy(session, store, review)


def _known(session: Session, delivery: Delivery) -> frozenset[str]:
    brought = select(Delivery.sha256).where(
        Delivery.person_id == delivery.person_id,
        Delivery.paper_id == delivery.paper_id,
        Delivery.sha256 != "",
    )
    return frozenset(session.scalars(brought))


def _grade(session: Session, delivery: Delivery) -> tuple[AssignmentDelivery | None, bool]:
    """The grade of ours that the assignment holds, and whether one that was released is still on its way there."""
    if delivery.kind == Kind.WORK or not delivery.target.takes_grades:
        return None, False
    assignment = session.scalar(
        select(MoodleAssignment).where(MoodleAssignment.placement_id == delivery.target.placement_id)
    )
    if assignment is None:
        return None, False
    grade = held_of_ours(session, assignment, delivery.person_id)
    return grade, grade is None and _is_released(session, assignment.placement_id, delivery.person_id)


def _is_released(session: Session, placement_id: UUID, person_id: int) -> bool:
    found = (
        select(ApprovalEnd.approval_id)
        .join(Approval, Approval.id == ApprovalEnd.approval_id)
        .join(Grade, Grade.id == Approval.grade_id)
        .where(Grade.placement_id == placement_id, Grade.person_id == person_id, ApprovalEnd.kind == End.RELEASED)
    )
    return session.scalar(found.limit(1)) is not None
