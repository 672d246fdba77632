"""From when on a paper may be marked: once its student has confirmed it, or as soon as it is shown to them.

Kept with the placement, so that a copied course keeps it.
"""

from enum import StrEnum

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.options import lock_options
from lti_tool.scans.exam import lock_exam
from lti_tool.scans.models import Paper
from lti_tool.scans.states import SHOWN, PaperState

KEY = "marked_from"


class MarkedFrom(StrEnum):
    """The moment from which on a paper is on the desk."""

    CONFIRMED = "confirmed"
    RELEASED = "released"


def marked_from(exam: Placement) -> MarkedFrom:
    """What the exam says; where it says nothing, nobody marks what its student has not confirmed."""
    return MarkedFrom(exam.options.get(KEY, MarkedFrom.CONFIRMED))


def is_to_be_marked(exam: Placement, paper: Paper) -> bool:
    """Whether the paper belongs on the desk as it stands."""
    if paper.person_id is None or paper.state not in SHOWN:
        return False
    return paper.state == PaperState.CONFIRMED or marked_from(exam) is MarkedFrom.RELEASED


def change_marked_from(session: Session, viewer: Viewer, rule: MarkedFrom) -> Placement:
    """Keep the rule; a paper that is on the desk already stays there. The exam."""
    exam = lock_exam(session, viewer)
    lock_options(session, exam)
    exam.options = {**exam.options, KEY: rule}
    session.flush()
    details = {"from": str(rule)}
    audit.by(session, viewer, "scans.marked_from_set", object_type="placement", object_id=exam.id, details=details)
    return exam
