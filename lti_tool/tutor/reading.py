"""What the turns of a page are shown with: rendered answers, words, and what came back from teachers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID, uuid4

from flask_babel import LazyString
from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.site_settings.catalogue import MAX_MESSAGE_LENGTH
from lti_tool.site_settings.chat import ENABLE_ESCALATION, ENABLE_EXPORT
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.answering.review import hosts_of, links_for
from lti_tool.tutor.attachments.asked import attachments_of
from lti_tool.tutor.attachments.models import TurnAttachment
from lti_tool.tutor.attachments.taking import Offer, offer_of
from lti_tool.tutor.escalation.replies import Replies, mark_seen
from lti_tool.tutor.models import Turn, TurnCitation, TurnState
from lti_tool.tutor.speech.recording import can_transcribe
from lti_tool.tutor.wording import OUTCOMES, UNCITED, error_text
from lti_tool.web.markdown import Links, render_markdown

NOBODYS = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reader's view of one conversation, or of none yet.

    `key` marks what is asked from this page: a form that is sent twice asks once.
    """

    replies: Replies
    replaced: frozenset[UUID]
    offers_teachers: bool
    offers_export: bool
    offer: Offer
    transcribes: bool
    attachments: Mapping[UUID, Sequence[TurnAttachment]]
    outcomes: Mapping[str, LazyString]
    uncited: LazyString
    hosts: frozenset[str]
    longest: int
    key: UUID

    @property
    def blank_turn(self) -> Turn:
        """What the script makes the turn of a new question of: in the same words as the others, asked by nobody."""
        return Turn(
            id=NOBODYS, position=0, question="", state=TurnState.TODO, rating=0, rating_comment="", suggestions=[]
        )

    @property
    def blank_citation(self) -> TurnCitation:
        """With every part that a citation may have."""
        return TurnCitation(
            number=0, chunk_id=0, title="", locator="", quotation="", course_url="#", is_supported=False
        )

    def answer_html(self, turn: Turn) -> Markup:
        """What a turn has so far, with links to its citations; other links lead to the platform or into these alone."""
        numbers = tuple(citation.number for citation in turn.citations if citation.is_supported)
        return rendered(turn.answer_markdown, turn.position, numbers, links_of(turn, self.hosts))

    def prose(self, text: str) -> Markup:
        """Markdown that cites nothing."""
        return rendered(text, 0, ())

    def error_text(self, code: str | None) -> str:
        return error_text(code)


def reading_of(
    session: Session, viewer: Viewer, settings: Snapshot, turns: Sequence[Turn], replies: Replies
) -> Reading:
    """Load it; answers of teachers that it shows count as seen from then on."""
    mark_seen(session, replies)
    return Reading(
        replies=replies,
        replaced=frozenset(turn.replaces_id for turn in turns if turn.replaces_id),
        offers_teachers=settings.read(ENABLE_ESCALATION) and not viewer.may(Capability.ANSWER),
        offers_export=settings.read(ENABLE_EXPORT),
        offer=offer_of(settings),
        transcribes=can_transcribe(settings),
        attachments=attachments_of(session, turns),
        outcomes=OUTCOMES,
        uncited=UNCITED,
        hosts=hosts_of(viewer.frame_origins),
        longest=settings.read(MAX_MESSAGE_LENGTH),
        key=uuid4(),
    )


def links_of(turn: Turn, hosts: frozenset[str]) -> Links:
    """Where the links of an answer may lead: to the platform, and to addresses in the passages it names."""
    return links_for(hosts, [citation.quotation for citation in turn.citations if citation.is_supported])


@lru_cache(maxsize=512)
def rendered(text: str, position: int, numbers: tuple[int, ...], links: Links | None = None) -> Markup:
    """A page shows the same answers and notice again and again, and rendering one takes milliseconds."""
    references = {number: f"#turn-{position}-source-{number}" for number in numbers}
    return render_markdown(text, references, links=links)
