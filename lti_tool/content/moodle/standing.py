"""What we have of a course already, so that only what changed is fetched, and nothing that nobody may read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.content.importing import sources_of
from lti_tool.content.items import Origin


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A source as it stands: whether its content was read, in which version, and what the teacher chose."""

    title: str
    url: str | None
    kind: str
    version: str
    is_read: bool
    is_hidden: bool
    is_wanted: bool | None


def standing_of(session: Session, course_id: int) -> Mapping[str, Standing]:
    """Everything that came from Moodle, by its key."""
    return {
        source.key: Standing(
            title=source.title,
            url=source.url,
            kind=source.kind,
            version=source.version,
            is_read=source.fingerprint != "",
            is_hidden=source.is_hidden,
            is_wanted=source.is_wanted,
        )
        for source in sources_of(session, course_id, Origin.MOODLE)
    }
