"""Points and a comment from a form that stood open for a while: kept as a draft, unless somebody graded meanwhile."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.grades import locked_grade_of, record_grade
from lti_tool.gradebook.looks import note_look
from lti_tool.gradebook.models import Grade


def record_marks(
    session: Session, viewer: Viewer, *, placement_id: UUID, person_id: int, points: Decimal, comment: str, seen: int
) -> Grade:
    """Keep a draft grade; `seen` is the version that stood in the form, 0 for none. Raises InvalidInput, NotAllowed.

    A double click sends the same marks again: nothing to warn of. Who types points has the student before them.
    """
    before = locked_grade_of(session, viewer, placement_id=placement_id, person_id=person_id)
    said = (points, comment.strip())
    if before is not None and before.version != seen and (before.points, before.comment) != said:
        raise InvalidInput("grade_changed", "Somebody graded this student meanwhile. Look at the grade again.")
    grade = record_grade(
        session, viewer, placement_id=placement_id, person_id=person_id, points=points, comment=comment
    )
    note_look(session, viewer, grade)
    events.record(
        session,
        EventKind.GRADED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=placement_id,
        details={"version": grade.version},
    )
    return grade
