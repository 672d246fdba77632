"""The settings of the tool's own look (R2, R161, R219, R220). They stand in the catalogue like every other."""

from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Text
from lti_tool.site_settings.patterns import COLOUR, COLOUR_RULE, N_
from lti_tool.site_settings.setting import Group, Setting


def _text(key: str, default: str, kind: Text, label: str, help: str, *, in_courses: bool = False) -> Setting[str]:
    return CATALOGUE.add(
        Setting(key=key, default=default, kind=kind, group=Group.LOOK, label=label, help=help, in_courses=in_courses)
    )


PRIMARY_COLOUR = _text(
    "primarycolor",
    "#4f46e5",
    Text(most=7, pattern=COLOUR, rule=COLOUR_RULE, may_be_empty=False, widget="colour"),
    N_("Main colour"),
    N_("Buttons and links."),
)
SECONDARY_COLOUR = _text(
    "secondarycolor",
    "#3730a3",
    Text(most=7, pattern=COLOUR, rule=COLOUR_RULE, may_be_empty=False, widget="colour"),
    N_("Second colour"),
    N_("Buttons and links under the pointer."),
)
BOT_AVATAR = _text(
    "botavatar",
    "",
    Text(most=64, pattern="[0-9a-f]*", widget="picture"),
    N_("Picture of the tutor"),
    N_("PNG, JPEG, WebP or SVG of at most 200 KB; it is drawn anew as a small square. None stands for no picture."),
)
HEADER_TITLE = _text(
    "headertitle",
    "",
    Text(most=60),
    N_("Name of the tutor"),
    N_("Shown above the conversation; empty stands for Course Assistant."),
    in_courses=True,
)
