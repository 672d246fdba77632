"""May this feature call out now? Asked where the call goes out, not where a button is drawn (R138, R139, R175).

A feature is on only if the kill switch, the site's switch and, in a course, the course's switch are all on: no level
can switch on what a level above it has switched off.
"""

from enum import StrEnum

from sqlalchemy.orm import Session

from lti_tool.errors import NotAllowed
from lti_tool.site_settings.catalogue import CATALOGUE, ENABLED
from lti_tool.site_settings.kinds import Switch
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting
from lti_tool.site_settings.store import Snapshot, snapshot


class Feature(StrEnum):
    """What can be switched off; each sends something out of the house."""

    TUTOR = "tutor"
    RUBRIC_DRAFTS = "rubric_drafts"
    EMBEDDINGS = "embeddings"
    GRADING_PROPOSALS = "grading_proposals"
    GRADE_PUSH = "grade_push"
    ROSTER_SYNC = "roster_sync"
    MOODLE_WEB_SERVICES = "moodle_web_services"
    EMAIL = "email"


def _switch(feature: Feature, label: str, help: str) -> Setting[bool]:
    """On by default: the kill switch alone keeps a fresh installation silent until somebody decides."""
    return CATALOGUE.add(
        Setting(
            key=f"feature_{feature}",
            default=True,
            kind=Switch(),
            group=Group.SWITCHES,
            label=label,
            help=help,
            in_courses=True,
        )
    )


SWITCHES: dict[Feature, Setting[bool]] = {
    Feature.TUTOR: _switch(
        Feature.TUTOR,
        N_("Answers by a language model"),
        N_("While it is off, the tutor quotes passages of the course material and sends nothing to a model."),
    ),
    Feature.RUBRIC_DRAFTS: _switch(
        Feature.RUBRIC_DRAFTS,
        N_("Rubric drafts by a language model"),
        N_("While it is off, no task is sent to a model; teachers write or import their rubrics."),
    ),
    Feature.EMBEDDINGS: _switch(
        Feature.EMBEDDINGS,
        N_("Search by meaning"),
        N_("While it is off, nothing is sent to an embedding model, and passages are found by words alone."),
    ),
    Feature.GRADING_PROPOSALS: _switch(
        Feature.GRADING_PROPOSALS,
        N_("Drafts of marks by a language model"),
        N_("While it is off, no student's work is sent to a model for marking; people mark as before."),
    ),
    Feature.GRADE_PUSH: _switch(
        Feature.GRADE_PUSH,
        N_("Sending approved grades"),
        N_("While it is off, approved grades wait and are sent when it is on again."),
    ),
    Feature.ROSTER_SYNC: _switch(
        Feature.ROSTER_SYNC,
        N_("Fetching the list of participants"),
        N_("While it is off, people become known by their launches alone."),
    ),
    Feature.MOODLE_WEB_SERVICES: _switch(
        Feature.MOODLE_WEB_SERVICES,
        N_("Reading course content from Moodle"),
        N_("While it is off, no web service of Moodle is called, with whatever token."),
    ),
    Feature.EMAIL: _switch(
        Feature.EMAIL,
        N_("E-mails"),
        N_("While it is off, e-mails wait, three days at most, and are sent when it is on again."),
    ),
}


def is_on(session: Session, feature: Feature, course_id: int | None = None) -> bool:
    """Whether every level lets the feature call out."""
    return is_on_in(snapshot(session, course_id), feature)


def is_on_in(settings: Snapshot, feature: Feature) -> bool:
    """The same for a caller that has read the settings already."""
    switch = SWITCHES[feature]
    levels = (settings.read(ENABLED), settings.find_of_site(switch), settings.find_of_course(switch))
    return all(level is not False for level in levels)


def require_on(session: Session, feature: Feature, course_id: int | None = None) -> None:
    """Raises NotAllowed (`feature_off`) unless every level lets the feature call out."""
    require_on_in(snapshot(session, course_id), feature)


def require_on_in(settings: Snapshot, feature: Feature) -> None:
    """The same for a caller that has read the settings already."""
    if not is_on_in(settings, feature):
        raise NotAllowed("feature_off", "This feature is switched off.", feature=feature, course_id=settings.course_id)
