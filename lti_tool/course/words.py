"""What roles, rights and failures are called on the pages of a course."""

from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Role


def role_words() -> dict[Role, str]:
    return {
        Role.ADMINISTRATOR: _("Administrator"),
        Role.TEACHER: _("Teacher"),
        Role.NON_EDITING_TEACHER: _("Non-editing teacher"),
        Role.STUDENT: _("Student"),
    }


def capability_words() -> dict[Capability, str]:
    return {
        Capability.USE: _("Use the activities"),
        Capability.MANAGE: _("Set up activities, material and people"),
        Capability.VIEW_DASHBOARD: _("See the dashboard of the course"),
        Capability.VIEW_LOGS: _("Read conversations and logs"),
        Capability.ANSWER: _("Answer the questions of students"),
        Capability.GRADE: _("Grade and approve grades"),
        Capability.HANDLE_SCANS: _("Upload and sort paper exams"),
    }


def failure_words(reason: str) -> str:
    """What the teacher can do about a failed sync."""
    known: dict[str, str] = {
        "feature_off": _("Fetching participants is switched off."),
        "registration_disabled": _("The connection to the platform is switched off."),
        "token_refused": _("The platform does not accept the tool's key. Tell your administrator."),
        "service_refused_401": _("The platform does not let the tool read participants. Tell your administrator."),
        "service_refused_403": _("The platform does not let the tool read participants. Tell your administrator."),
        "superseded": _("A newer list answered the question."),
    }
    other: str = _("The platform did not answer as expected. Try again later.")
    return known.get(reason, other)
