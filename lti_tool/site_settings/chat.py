"""The settings of what people may do around an answer of the tutor (R7-R13, R136-R138, R148); all but one begin off.

They stand in the catalogue like every other; a course may have its own value of each.
"""

from lti_tool.site_settings import texts
from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Switch, Text, Whole
from lti_tool.site_settings.patterns import N_, NAME, NAME_RULE
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
ENABLE_UPLOAD = _switch(
    "enable_upload",
    N_("Documents with questions"),
    N_("A question may bring PDF, text or Markdown files; their text goes to the language model with the question."),
)
ENABLE_IMAGES = _switch(
    "enable_images",
    N_("Pictures with questions"),
    N_("A question may bring pictures, where the chat model sees them. Names in a picture cannot be hidden from it."),
)
MODEL_SEES = CATALOGUE.add(
    Setting(
        key="modelsees",
        default=False,
        kind=Switch(),
        group=Group.MODEL,
        label=N_("The chat model sees pictures"),
        help=N_("Courses can switch on pictures with questions only while this is on."),
    )
)
MOST_ATTACHMENTS = CATALOGUE.add(
    Setting(
        key="maxattachments",
        default=3,
        kind=Whole(least=1, most=10),
        group=Group.LIMITS,
        label=N_("Files with one question"),
        help=N_("At most so many."),
    )
)
MOST_ATTACHMENT_MB = CATALOGUE.add(
    Setting(
        key="maxattachmentmb",
        default=5,
        kind=Whole(least=1, most=20),
        group=Group.LIMITS,
        label=N_("Largest file with a question, in megabytes"),
        help=N_("A larger one is refused."),
    )
)
ENABLE_EXPORT = _switch(
    "enable_export",
    N_("Taking conversations along"),
    N_("Everybody may save their own conversations as text or PDF."),
)
ENABLE_TRANSCRIPTION = _switch(
    "enable_transcription",
    N_("Spoken questions by the model server"),
    N_("Recordings go to the transcription model, voice and all; else the browser's own recognition is used."),
)
TRANSCRIPTION_DEPLOYMENT = CATALOGUE.add(
    Setting(
        key="transcriptiondeployment",
        default="",
        kind=Text(most=200, pattern=NAME, rule=NAME_RULE),
        group=Group.MODEL,
        label=N_("Transcription model"),
        help=N_("The name of the model that turns recordings into text. While it is empty, none is sent."),
    )
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
TELL_TEACHERS = _switch(
    "tellteachers",
    N_("Tell teachers that questions wait"),
    N_("By a message in Moodle where a token may send one, else by e-mail. It says how many wait, not what they ask."),
    default=True,
)
