"""The attachments of a question: bound to its turn, found for its page, put before the model (R8, R166)."""

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.errors import NotFound
from lti_tool.files.store import FileStore
from lti_tool.llm.chat import Image, Message
from lti_tool.llm.prompts import load_prompt
from lti_tool.runtime import Runtime
from lti_tool.site_settings.store import Snapshot
from lti_tool.tutor.answering.fences import Fences, one_line
from lti_tool.tutor.attachments.models import AttachmentKind, TurnAttachment
from lti_tool.tutor.attachments.taking import offer_of
from lti_tool.tutor.models import Turn

MOST_CHARACTERS = 24_000
"""Of all documents of a question together: about six thousand tokens."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What the model is given beside a question."""

    documents: Sequence[tuple[str, str]] = ()
    images: Sequence[Image] = ()

    def __bool__(self) -> bool:
        return bool(self.documents or self.images)


def bind(turn: Turn, attachments: Sequence[TurnAttachment]) -> None:
    """They belong to this turn from now on."""
    for attachment in attachments:
        attachment.turn_id = turn.id


def copy_attachments(session: Session, from_turn: UUID, to_turn: UUID) -> None:
    """A question that is asked again keeps its files; the earlier version keeps them too."""
    for known in session.scalars(select(TurnAttachment).where(TurnAttachment.turn_id == from_turn)):
        session.add(
            TurnAttachment(
                course_id=known.course_id,
                person_id=known.person_id,
                turn_id=to_turn,
                file_id=known.file_id,
                kind=known.kind,
                text=known.text,
            )
        )


def attachments_of(session: Session, turns: Sequence[Turn]) -> Mapping[UUID, Sequence[TurnAttachment]]:
    """By their turns; no statement where there are no turns."""
    found: dict[UUID, list[TurnAttachment]] = defaultdict(list)
    if turns:
        of_turns = TurnAttachment.turn_id.in_([turn.id for turn in turns])
        for attachment in session.scalars(select(TurnAttachment).where(of_turns).order_by(TurnAttachment.created_at)):
            if attachment.turn_id:
                found[attachment.turn_id].append(attachment)
    return found


def attachment_for(session: Session, viewer: Viewer, attachment_id: UUID) -> TurnAttachment:
    """Load an attachment of the viewer in this course; raises NotFound."""
    found = session.scalar(
        select(TurnAttachment).where(
            TurnAttachment.id == attachment_id,
            TurnAttachment.person_id == viewer.person_id,
            TurnAttachment.course_id == viewer.course_id,
        )
    )
    if found is None:
        raise NotFound("attachment_unknown")
    return found


def attached_to(runtime: Runtime, settings: Snapshot, turn: Turn) -> Attached:
    """What goes to the model with the turn's question; no file of a kind that is switched off."""
    kinds = offer_of(settings).kinds
    if not kinds:
        return Attached()
    with transaction(runtime.engine) as session:
        found = [one for one in attachments_of(session, [turn]).get(turn.id, ()) if one.file.media_type in kinds]
    store = FileStore.of(runtime.settings)
    return Attached(
        documents=[(one.file.name, one.text) for one in found if one.kind == AttachmentKind.DOCUMENT],
        images=[
            Image(media_type=one.file.media_type, content=base64.b64encode(store.path(one.file).read_bytes()).decode())
            for one in found
            if one.kind == AttachmentKind.IMAGE
        ],
    )


def with_attachments(messages: Sequence[Message], attached: Attached) -> list[Message]:
    """The prompt whose last message begins with the documents, fenced, and carries the pictures."""
    if not attached:
        return list(messages)
    *before, last = messages
    fences, left, parts = Fences(), MOST_CHARACTERS, []
    for name, text in attached.documents:
        parts.append(fences.around(f'document "{one_line(name)}" that the student attached', text[:left]))
        left = max(0, left - len(text))
    told = load_prompt("tutor_attachments").fill(
        mark=fences.mark, documents="\n\n".join(parts), pictures=str(len(attached.images))
    )
    return [*before, replace(last, content=f"{told}\n\n{last.content}", images=tuple(attached.images))]
