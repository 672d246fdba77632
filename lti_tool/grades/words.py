"""What states and reasons are called, with an icon: never by colour alone."""

from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.gradebook.overview import GradeState


@dataclass(frozen=True, kw_only=True)
class StateWords:
    """A state on the page."""

    icon: str
    text: str
    style: str


def state_words() -> dict[GradeState, StateWords]:
    return {
        GradeState.NONE: StateWords(icon="–", text=_("No grade"), style="light"),
        GradeState.DRAFT: StateWords(icon="✎", text=_("Draft, not approved"), style="light"),
        GradeState.CHANGED: StateWords(icon="✎", text=_("Changed since it was approved"), style="light"),
        GradeState.HELD: StateWords(icon="⏸", text=_("Approved, not released"), style="warning"),
        GradeState.UNLINKED: StateWords(icon="⚠", text=_("Approved, but no link in the course"), style="warning"),
        GradeState.WAITING: StateWords(icon="⧗", text=_("Approved, waiting to be sent"), style="info"),
        GradeState.SENDING: StateWords(icon="➤", text=_("Being sent"), style="info"),
        GradeState.SENT: StateWords(icon="✓", text=_("Sent"), style="success"),
        GradeState.OVERRIDDEN: StateWords(icon="≠", text=_("Sent, but the gradebook shows another"), style="warning"),
        GradeState.FAILED: StateWords(icon="✕", text=_("Failed"), style="danger"),
    }


def reason_words(reason: str) -> str:
    """Why a push failed or waits, and what helps."""
    code, _colon, function = reason.partition(":")
    known: dict[str, str] = _moodle_words(function) | {
        "": "",
        "feature_off": _("Sending grades is switched off; it will be sent when it is on again."),
        "platform_busy": _("The platform did not answer; it will be tried again by itself."),
        "platform_down": _("The platform did not answer for two days."),
        "timestamp_conflict": _("The gradebook holds a later grade for this person. Look there, then send again."),
        "locked": _("The grade is locked in the gradebook. Unlock it there, then send again."),
        "not_gradable": _("The gradebook takes no grade for this person, who may have left the course."),
        "column_gone": _("The column in the gradebook is gone."),
        "no_column": _("This activity has no column in the gradebook."),
        "registration": _("The platform does not accept the tool's key or rights. Tell your administrator."),
        "ignored": _("The platform took the grade but did not store it. Tell your administrator."),
    }
    other: str = _("The platform refused the grade. Tell your administrator the word “%(word)s”.", word=reason)
    return known.get(code, other)


def _moodle_words(function: str) -> dict[str, str]:
    """Of grades on their way to an assignment that students hand in to Moodle itself."""
    return {
        "no_token": _("There is no token for this course's Moodle. Enter one, then send again."),
        "moodle_token": _("Moodle does not accept the course's token. Enter a new one, then send again."),
        "moodle_services_off": _("Moodle's web services are switched off. Tell your administrator."),
        "moodle_function": _(
            "The service of the course's token lacks %(function)s. Tell your administrator, then send again.",
            function=function,
        ),
        "moodle_permission": _("The user of the course's token may not grade this assignment in Moodle."),
        "moodle_course": _("The user of the course's token cannot open this assignment in Moodle."),
        "assignment_gone": _("The assignment is gone from Moodle."),
        "attempt_over": _("The student has begun another attempt in Moodle, so this grade was not sent."),
        "work_changed": _("The work was changed in Moodle since it was marked. Fetch it and mark it again."),
        "rubric_unfilled": _("Moodle grades this assignment by its rubric. Mark the work on that, then send again."),
        "not_kept": _(
            "Moodle did not keep this grade: it may be locked or overridden in the gradebook, or the rubric may count"
            " otherwise there. Look at it in Moodle, then send again."
        ),
    }


def failure_words(code: str) -> str:
    """What a failed test of the connection means."""
    known: dict[str, str] = {
        "feature_off": _("Sending grades is switched off."),
        "registration_disabled": _("The connection to the platform is switched off."),
        "token_refused": _("The platform does not accept the tool's key. Tell your administrator."),
        "token_unavailable": _("The platform does not answer. Try again later."),
        "platform_timeout": _("The platform does not answer. Try again later."),
        "platform_unreachable": _("The platform cannot be reached. Try again later."),
        "service_refused": _("The platform does not let the tool use this column."),
        "line_item_not_made": _("The platform does not let the tool add a column. Add the activity again with points."),
        "no_column": _("This activity has no column in the gradebook."),
        "no_link": _("This activity has not been opened from the course yet."),
        "no_token": _("There is no token for this course's Moodle."),
    }
    other: str = _("The platform did not answer as expected.")
    return known.get(code, other)
