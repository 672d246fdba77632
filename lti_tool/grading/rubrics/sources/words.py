"""Why no draft can be proposed, in words."""

from flask_babel import gettext as _

from lti_tool.grading.rubrics.sources.proposing import Unavailable


def unavailable_words() -> dict[Unavailable, str]:
    return {
        Unavailable.NO_TASK: _("The activity has no task text yet. Write it first: the draft is made from it."),
        Unavailable.SWITCHED_OFF: _("Rubric drafts are switched off here."),
        Unavailable.NOT_CONFIGURED: _(
            "No language model is set up on this site, so no draft can be proposed. Everything else on this page works."
        ),
    }
