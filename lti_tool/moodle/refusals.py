"""What Moodle's error codes mean, in a sentence for whoever can do something about it.

Moodle's own message may quote a database statement, so it is neither shown nor logged.
"""

from lti_tool.errors import PlatformFailed

MEANINGS = {
    "invalidtoken": "Moodle does not accept this token. Make a new one in Moodle and enter it here.",
    "accessexception": "The service of this token lacks {function}. Add it to the service in Moodle.",
    "invalidrecord": "Moodle has no {function}, or no such course or activity any more.",
    "errorcoursecontextnotvalid": "The user of this token cannot enter the course.",
    "requireloginerror": "The user of this token cannot open this course or activity.",
    "nopermissions": "The user of this token lacks a permission in Moodle that {function} needs.",
    "required_capability_exception": "The user of this token lacks a permission in Moodle that {function} needs.",
    "sitemaintenance": "Moodle is being maintained.",
    "upgraderunning": "Moodle is being upgraded.",
}
OTHERWISE = "Moodle refused {function} ({code})."
SWITCHED_OFF = "Web services are switched off in Moodle, or the REST protocol is."
NO_MOODLE = "This address did not answer as Moodle does."


class MoodleRefused(PlatformFailed):
    """Moodle refused this request."""

    def __init__(self, errorcode: str, function: str) -> None:
        sentence = MEANINGS.get(errorcode, OTHERWISE).format(function=function, code=_plain(errorcode))
        super().__init__("moodle_refused", sentence, errorcode=_plain(errorcode), function=function)
        self.errorcode = errorcode


def _plain(errorcode: str) -> str:
    """A code is a word; anything else is not repeated."""
    return errorcode if errorcode.replace("_", "").isalnum() and len(errorcode) <= 60 else "unknown"
