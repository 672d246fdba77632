"""Why a work's questions are marked no more one by one."""

from flask_babel import gettext as _

from lti_tool.grading.questions.standing import Closed


def closed_words() -> dict[Closed, str]:
    return {
        Closed.OWN: _("This is your own work: somebody else has to mark it."),
        Closed.APPROVED: _("The grade of this work is approved. Change its marks on the desk."),
        Closed.SEALED: _("Both marks are in. Decide on the desk what becomes the grade."),
        Closed.OTHER_RUBRIC: _("This work was marked on another version of the rubric. Mark it again on the desk."),
    }
