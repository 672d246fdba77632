"""A person's own thumb on an answer: up, down with a comment if they like, or taken back (R11)."""

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind, record
from lti_tool.errors import InvalidInput
from lti_tool.tutor.models import Turn, TurnState

UP, NONE, DOWN = 1, 0, -1
LONGEST_COMMENT = 1000


def rate(session: Session, viewer: Viewer, turn: Turn, value: int, comment: str = "") -> None:
    """Set the rating of a turn that was loaded for this viewer; the latest counts."""
    if turn.state != TurnState.SUCCEEDED:
        raise InvalidInput("turn_not_answered", "There is no answer to rate yet.")
    if value not in {UP, NONE, DOWN}:
        raise InvalidInput("rating_malformed")
    turn.rating = value
    turn.rating_comment = comment.replace("\x00", "").strip()[:LONGEST_COMMENT] if value == DOWN else ""
    session.flush()
    record(
        session,
        EventKind.FEEDBACK_GIVEN,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"conversation": str(turn.conversation_id), "turn": turn.position, "value": value},
    )
