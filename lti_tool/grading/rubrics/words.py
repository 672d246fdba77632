"""How the kinds, the changes and the notes of a rubric are said."""

from flask_babel import gettext as _

from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.comparing import Aspect
from lti_tool.grading.rubrics.drafts import Note


def kind_words() -> dict[RubricKind, tuple[str, str]]:
    """Each kind's name, and what it is for."""
    return {
        RubricKind.LEVELS: (_("Levels"), _("For each criterion the marker chooses a level.")),
        RubricKind.GUIDE: (_("Marking guide"), _("For each criterion the marker gives points, from 0 to its most.")),
        RubricKind.HOLISTIC: (_("One overall judgement"), _("The marker chooses one level for the work as a whole.")),
    }


def aspect_words() -> dict[Aspect, str]:
    return {
        Aspect.TITLE: _("Title"),
        Aspect.DESCRIPTION: _("Description"),
        Aspect.FOR_MARKERS: _("For markers"),
        Aspect.POINTS: _("Points"),
        Aspect.WEIGHT: _("Weight"),
        Aspect.LEVELS: _("Levels"),
        Aspect.LEVEL_DESCRIPTIONS: _("Descriptions of the levels"),
    }


def note_words() -> dict[Note, str]:
    return {
        Note.LOWEST_GIVES_POINTS: _(
            "The lowest level of a criterion gives points here. A rubric in Moodle can be set to count it as 0: check "
            "that both count alike."
        ),
        Note.POINTS_MADE: _("The table gives no points: they were made from the order of the levels. Check them."),
        Note.COMMENTS_LEFT: _("The frequent comments of the marking guide were not taken over."),
        Note.PROPOSED: _("This draft was written by a language model. Check every line; nothing is saved yet."),
    }
