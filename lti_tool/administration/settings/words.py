"""The names of the groups of settings."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lti_tool.site_settings.setting import Group

GROUPS: dict[Group, LazyString] = {
    Group.SWITCHES: _("Switches"),
    Group.MODEL: _("Language model"),
    Group.TUTOR: _("Tutor"),
    Group.RETRIEVAL: _("Course material in answers"),
    Group.LIMITS: _("Limits"),
    Group.BREAKER: _("When the model server fails"),
    Group.PRIVACY: _("Privacy"),
    Group.SCANS: _("Files"),
    Group.LOOK: _("Look"),
}
