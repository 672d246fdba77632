"""The names of the groups of settings, and of the site's pages."""

from dataclasses import dataclass

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
    Group.MAIL: _("E-mail"),
    Group.LOOK: _("Look"),
    Group.LOGS: _("Logs"),
}


@dataclass(frozen=True, kw_only=True)
class Section:
    """One of the site's pages; one whose code is not installed is left out."""

    endpoint: str
    label: LazyString


SECTIONS = (
    Section(endpoint="site.home", label=_("Settings")),
    Section(endpoint="site_switches.table", label=_("Switches")),
    Section(endpoint="site_models.page", label=_("Language models")),
    Section(endpoint="site_registrations.table", label=_("Platforms")),
    Section(endpoint="site_moodle.page", label=_("Moodle")),
    Section(endpoint="site_button.page", label=_("Button")),
    Section(endpoint="site_usage.table", label=_("Usage")),
    Section(endpoint="site_doctor.page", label=_("Doctor")),
    Section(endpoint="site_privacy.page", label=_("People’s data")),
    Section(endpoint="site_jobs.table", label=_("Jobs")),
    Section(endpoint="site_audit.table", label=_("Audit")),
)
"""Linked from each of them: templates/administration/_sections.html."""
