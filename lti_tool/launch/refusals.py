"""What remains of a launch that was refused: its login attempt is burnt, and the audit says which registration's."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.errors import ToolError
from lti_tool.lti.key_sets import UNAVAILABLE
from lti_tool.lti.login import digest
from lti_tool.lti.models import LoginAttempt


def note_refusal(session: Session, state: str, error: ToolError) -> None:
    """Use the attempt up, so that a wrong answer cannot be tried twice; an unknown state leaves only the log line.

    When the platform's keys could not be read, nothing was wrong with the answer: it may be posted again.
    """
    if error.code == UNAVAILABLE:
        return
    registration_id = session.execute(
        delete(LoginAttempt).where(LoginAttempt.state_hash == digest(state)).returning(LoginAttempt.registration_id)
    ).scalar()
    if registration_id is not None:
        audit.record(
            session,
            "launch.refused",
            object_type="registration",
            object_id=registration_id,
            details={"code": error.code},
        )
