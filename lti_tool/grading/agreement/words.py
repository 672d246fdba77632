"""How judges, reasons and alarms are said."""

from flask_babel import gettext as _

from lti_tool.grading.agreement.alarms import Alarm
from lti_tool.grading.agreement.models import SampleReason
from lti_tool.grading.agreement.order import Reason
from lti_tool.grading.agreement.report import Judge


def judge_words() -> dict[Judge, str]:
    return {
        Judge.BLIND: _("Assistant, blind sample"),
        Judge.ASSISTANT: _("Assistant, all approved work"),
        Judge.OPINION: _("Second opinion"),
        Judge.LENGTH: _("Number of words alone"),
        Judge.MARKER: _("Second marker and first"),
    }


def sample_words() -> dict[SampleReason, str]:
    """What a sampled paper stands for."""
    return {
        SampleReason.LENGTH: _("Drawn by length"),
        SampleReason.PREDICTED: _("Drawn by expected points"),
    }


def reason_words() -> dict[Reason, str]:
    """Why a paper should be looked at sooner, on the desk too."""
    return {
        Reason.FLAGGED: _("Tries to steer the grader"),
        Reason.DISAGREES: _("The second opinion disagrees"),
        Reason.UNSURE: _("The assistant is unsure"),
    }


def alarm_words() -> dict[Alarm, str]:
    return {
        Alarm.HARDLY_BETTER: _(
            "The second opinion is hardly better than counting words. Either there are too few grades to learn from, or"
            " length says most about these grades."
        ),
        Alarm.PAYS_BY_THE_WORD: _("The assistant's points rise with the length of the work more than yours do."),
    }
