"""Where a paper is on its way to the marking desk, for staff who look at it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.anonymity import names_hidden
from lti_tool.grading.models import Submission, SubmissionState
from lti_tool.scans.exam import exam_of
from lti_tool.scans.handover.rules import is_to_be_marked
from lti_tool.scans.handover.works import find_work, grade_resting_on
from lti_tool.scans.models import Paper
from lti_tool.scans.states import SHOWN


@dataclass(frozen=True, kw_only=True)
class OnDesk:
    """`lost`: whose grade was given for this paper and stands although it was taken back."""

    is_shown: bool
    is_due: bool
    hides_names: bool
    work: Submission | None
    lost: Person | None


def on_desk(session: Session, viewer: Viewer, paper: Paper) -> OnDesk:
    """What the paper's page says of its marks, and links to."""
    exam, work = exam_of(session, viewer), find_work(session, paper)
    is_there = work is not None and work.state == SubmissionState.SUBMITTED
    lost = grade_resting_on(session, paper) if viewer.may(Capability.GRADE) else None
    return OnDesk(
        is_shown=paper.state in SHOWN and viewer.may(Capability.GRADE),
        is_due=is_to_be_marked(exam, paper),
        hides_names=paper.person_id is not None and names_hidden(session, exam, paper.person_id),
        work=work if is_there else None,
        lost=session.get_one(Person, lost) if lost is not None else None,
    )
