"""What Moodle's error codes mean, in a sentence for whoever can do something about it.

Moodle's own message may quote a database statement, so it is neither shown nor logged.
"""

from lti_tool.errors import PlatformFailed
from lti_tool.site_settings.patterns import N_

MEANINGS = {
    "invalidtoken": N_("Moodle does not accept this token. Make a new one in Moodle and enter it here."),
    "accessexception": N_("The service of this token lacks %(function)s. Add it to the service in Moodle."),
    "invalidrecord": N_("Moodle has no %(function)s, or no such course or activity any more."),
    "errorcoursecontextnotvalid": N_("The user of this token cannot enter the course."),
    "requireloginerror": N_("The user of this token cannot open this course or activity."),
    "nopermissions": N_("The user of this token lacks a permission in Moodle that %(function)s needs."),
    "required_capability_exception": N_("The user of this token lacks a permission in Moodle that %(function)s needs."),
    "sitemaintenance": N_("Moodle is being maintained."),
    "upgraderunning": N_("Moodle is being upgraded."),
}
OTHERWISE = N_("Moodle refused %(function)s (%(code)s).")
SWITCHED_OFF = N_("Web services are switched off in Moodle, or the REST protocol is.")
NO_MOODLE = N_("This address did not answer as Moodle does.")


class MoodleRefused(PlatformFailed):
    """Moodle refused this request."""

    def __init__(self, errorcode: str, function: str) -> None:
        code = _plain(errorcode)
        words = {"function": function, "code": code}
        super().__init__("moodle_refused", MEANINGS.get(errorcode, OTHERWISE), words, errorcode=code, function=function)
        self.errorcode = errorcode


def _plain(errorcode: str) -> str:
    """A code is a word; anything else is not repeated."""
    return errorcode if errorcode.replace("_", "").isalnum() and len(errorcode) <= 60 else "unknown"
