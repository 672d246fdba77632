"""An answered question as course material: a Markdown source that names its author, cited like any other (M8)."""

import io

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.models import Source
from lti_tool.content.sources import add_source
from lti_tool.content.tasks import ask_for_index
from lti_tool.errors import InvalidInput
from lti_tool.files.intake import accept
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.tutor.escalation.models import Escalation, EscalationState

LONGEST_TITLE = 70
MOST_BYTES = 1024 * 1024


def add_to_material(
    session: Session, viewer: Viewer, escalation: Escalation, store: FileStore, *, byline: str
) -> Source:
    """Store question and answer under the author's name; a corrected answer is a new version of its source."""
    viewer.require(Capability.MANAGE)
    if escalation.state != EscalationState.ANSWERED:
        raise InvalidInput("escalation_not_answered", "Answer the question first.")
    text = f"# {_one_line(escalation.question)}\n\n{escalation.answer_markdown}\n\n{byline}\n"
    name = _name_for(session, escalation)
    with accept(
        io.BytesIO(text.encode()), name=name, allowed=frozenset({MediaType.MARKDOWN}), max_bytes=MOST_BYTES
    ) as accepted:
        source = add_source(session, viewer, accepted, store)
    source.title = _clipped(_one_line(escalation.question))
    escalation.source_id = source.id
    ask_for_index(session, source)
    session.flush()
    return source


def _name_for(session: Session, escalation: Escalation) -> str:
    """The question as a file name, the same at every correction, and no other source's."""
    if escalation.source_id is not None:
        return session.get_one(Source, escalation.source_id).key
    plain = _one_line(escalation.question).replace("/", "-").replace("\\", "-").strip("?.! ")
    base = _clipped(plain)
    taken = set(
        session.scalars(
            select(Source.key).where(
                Source.course_id == escalation.course_id, Source.key.startswith(base, autoescape=True)
            )
        )
    )
    names = (f"{base}{f' ({number})' if number > 1 else ''}.md" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
