"""The settings of what people may do around an answer of the tutor (R7-R13, R136-R138, R148); all but one begin off.

They stand in the catalogue like every other; a course may have its own value of each.
"""

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Switch
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
ENABLE_ESCALATION = _switch(
    "enableescalation",
    N_("Questions to teachers"),
    N_("Students may hand a question to the teachers of the course, whose answer then stands below it."),
    default=True,
)
