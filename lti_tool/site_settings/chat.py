"""The settings of what people may do around an answer of the tutor (R7-R13, R136-R138, R148); all but one begin off.

They stand in the catalogue like every other; a course may have its own value of each.
"""

from lti_tool.site_settings import texts
from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Switch, Text, Whole
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting


def _switch(key: str, label: str, help: str, *, default: bool = False) -> Setting[bool]:
    return CATALOGUE.add(
        Setting(key=key, default=default, kind=Switch(), group=Group.TUTOR, label=label, help=help, in_courses=True)
    )


ENABLE_SUGGESTIONS = _switch(
    "enablesuggestions",
    N_("Follow-up questions"),
    N_("After an answer the model writes two or three questions that could follow; one more short call an answer."),
)
HINT_WORDING = CATALOGUE.add(
    Setting(
        key="hintwording",
        default=texts.HINTS,
        kind=Text(most=4000, may_be_empty=False, widget="prose"),
        group=Group.TUTOR,
        label=N_("Instructions for assessed work"),
        help=N_("What the model is told besides where work is assessed: to guide, and to give no solution."),
        in_courses=True,
    )
)
ENABLE_EXPORT = _switch(
    "enable_export",
    N_("Taking conversations along"),
    N_("Everybody may save their own conversations as text or PDF."),
)
RETENTION_DAYS = CATALOGUE.add(
    Setting(
        key="retentiondays",
        default=30,
        kind=Whole(least=0, most=3650),
        group=Group.PRIVACY,
        label=N_("Days that conversations are kept"),
        help=N_("After the last question, current and earlier ones alike; they are deleted at night. 0 keeps them."),
    )
)
ENABLE_ESCALATION = _switch(
    "enableescalation",
    N_("Questions to teachers"),
    N_("Students may hand a question to the teachers of the course, whose answer then stands below it."),
    default=True,
)
