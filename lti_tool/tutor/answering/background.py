"""What a turn stands in: its course, person, settings and earlier answers, read once when the turn is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lti_tool.llm.pseudonymiser import Identities
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.answering.budget import PageBlock
from lti_tool.tutor.hints.marks import Assessed
from lti_tool.tutor.models import Turn


@dataclass(frozen=True, kw_only=True)
class Background:
    """No connection is held while an answer is written, so nothing here is loaded later."""

    course_id: int
    person_id: int
    placement_id: UUID | None
    course_name: str
    settings: Snapshot
    earlier: Sequence[Turn]
    summary: str
    assessed: Assessed
    hosts: frozenset[str]
    identities: Identities
    page: PageBlock | None = None
