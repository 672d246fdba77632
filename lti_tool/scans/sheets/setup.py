"""What is said about an exam before it is sat: subject, sitting, title on the covers, pages, whether it is open (R74).

It is kept with the placement, so that a copied course keeps it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.exam import PAGES, SUBJECT, exam_of, lock_exam, subject_of
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.sheets.codes import MOST_PAGES

TITLE, SITTING, CLOSED = "printed_title", "sitting", "is_closed"
LONGEST_TITLE = 120
MOST_SITTINGS = 20


@dataclass(frozen=True, kw_only=True)
class ExamSetup:
    """What the setup form says; 0 pages where nobody has said how many."""

    subject: str
    title: str
    sitting: int
    pages: int
    is_open: bool


def setup_of(exam: Placement) -> ExamSetup:
    """What was said about the exam so far."""
    return ExamSetup(
        subject=subject_of(exam),
        title=str(exam.options.get(TITLE, "")) or exam.title,
        sitting=int(exam.options.get(SITTING, 1)),
        pages=int(exam.options.get(PAGES, 0)),
        is_open=not exam.options.get(CLOSED, False),
    )


def exams_of_course(session: Session, viewer: Viewer) -> list[tuple[Placement, ExamSetup]]:
    """Which subject and sitting each paper exam of the course is for."""
    viewer.require(Capability.HANDLE_SCANS)
    found = select(Placement).where(Placement.course_id == viewer.course_id, Placement.kind == PlacementKind.EXAM)
    exams = [(exam, setup_of(exam)) for exam in session.scalars(found)]
    return sorted(exams, key=lambda pair: (pair[1].subject, pair[1].sitting, pair[0].title))


def set_up(session: Session, viewer: Viewer, setup: ExamSetup) -> None:
    """Keep what the form says; one open exam of the course has a subject's sitting."""
    session.get_one(Course, viewer.course_id, with_for_update={"key_share": True, "of": Course})
    exam = lock_exam(session, viewer)
    setup = _checked(session, viewer, exam, setup)
    exam.options = {
        **exam.options,
        SUBJECT: setup.subject,
        TITLE: setup.title,
        SITTING: setup.sitting,
        PAGES: setup.pages,
        CLOSED: not setup.is_open,
    }
    session.flush()
    audit.by(
        session,
        viewer,
        "scans.exam_set_up",
        object_type="placement",
        object_id=exam.id,
        details={"subject": setup.subject, "sitting": setup.sitting, "pages": setup.pages, "is_open": setup.is_open},
    )


def current_setup(session: Session, viewer: Viewer) -> ExamSetup:
    """Of the exam that the viewer is in."""
    viewer.require(Capability.HANDLE_SCANS)
    return setup_of(exam_of(session, viewer))


def _checked(session: Session, viewer: Viewer, exam: Placement, setup: ExamSetup) -> ExamSetup:
    subject, title = setup.subject.strip().upper(), " ".join(setup.title.split())
    if not NamePatterns.of_course(session, viewer.course_id).is_subject_code(subject):
        raise InvalidInput("subject_malformed", "This does not look like a subject code of this course.")
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInput(
            "title_malformed", "Give a title of at most %(longest)s characters.", {"longest": LONGEST_TITLE}
        )
    if not 1 <= setup.pages <= MOST_PAGES:
        raise InvalidInput("pages_malformed", "A booklet has 1 to %(most)s pages.", {"most": MOST_PAGES})
    if not 1 <= setup.sitting <= MOST_SITTINGS:
        raise InvalidInput("sitting_malformed", "A sitting is a number from 1 to %(most)s.", {"most": MOST_SITTINGS})
    if setup.is_open and any(
        other.id != exam.id and said.is_open and (said.subject, said.sitting) == (subject, setup.sitting)
        for other, said in exams_of_course(session, viewer)
    ):
        raise InvalidInput(
            "subject_taken",
            "Another open exam of this course has this subject and sitting. Close it or choose another.",
        )
    return ExamSetup(subject=subject, title=title, sitting=setup.sitting, pages=setup.pages, is_open=setup.is_open)
