"""What a failed call of Moodle's web services means for a grade, in the words of the outbox."""

from lti_tool.errors import PlatformFailed
from lti_tool.lti.scores import Outcome, ScoreAnswer
from lti_tool.moodle.refusals import MoodleRefused

REFUSALS = {
    "invalidtoken": (Outcome.UNAUTHORISED, "moodle_token"),
    "accessexception": (Outcome.UNAUTHORISED, "moodle_function"),
    "nopermissions": (Outcome.UNAUTHORISED, "moodle_permission"),
    "required_capability_exception": (Outcome.UNAUTHORISED, "moodle_permission"),
    "requireloginerror": (Outcome.UNAUTHORISED, "moodle_course"),
    "errorcoursecontextnotvalid": (Outcome.UNAUTHORISED, "moodle_course"),
    "invalidrecord": (Outcome.GONE, "assignment_gone"),
    "invalidrecordunknown": (Outcome.GONE, "assignment_gone"),
    "sitemaintenance": (Outcome.BUSY, ""),
    "upgraderunning": (Outcome.BUSY, ""),
}


def failed_call(error: PlatformFailed, *, may_have_arrived: bool) -> ScoreAnswer:
    """Silence after the grade may have left is an open question; a refusal in words is none."""
    if isinstance(error, MoodleRefused):
        outcome, reason = REFUSALS.get(error.errorcode, (Outcome.REFUSED, f"moodle_{error.errorcode}"))
        lacking = f"{reason}:{error.details['function']}" if reason == "moodle_function" else reason
        return ScoreAnswer(outcome=outcome, code=200, reason=lacking)
    if error.code == "moodle_services_off":
        return ScoreAnswer(outcome=Outcome.UNAUTHORISED, code=403, reason=error.code)
    if error.code == "moodle_grades_closed":
        return ScoreAnswer(outcome=Outcome.UNAUTHORISED, code=200, reason="moodle_permission")
    outcome = Outcome.UNKNOWN if may_have_arrived else Outcome.BUSY
    status = error.details.get("status")
    return ScoreAnswer(outcome=outcome, code=status if isinstance(status, int) else None, reason=error.code)
