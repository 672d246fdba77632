"""A run as one batch of the model server: everything is handed in at once, and the answers are fetched when they are
there. What a batch leaves open - unreadable, expired, changed meanwhile - is asked one by one afterwards.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import undefer

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.errors import ModelFailed, NotAllowed, ToolError
from lti_tool.files.store import FileStore
from lti_tool.grading.proposals.asking import question_on, subject_of
from lti_tool.grading.proposals.drafting import AWAY, Wait, end_early, note_away, open_run
from lti_tool.grading.proposals.keeping import Asked, keep
from lti_tool.grading.proposals.models import DraftItem, DraftRun, ItemState, Purpose
from lti_tool.grading.proposals.requests import Prepared, prepared_requests
from lti_tool.llm.batches import BatchAnswer, BatchModel, BatchRequest, BatchState, record_cost
from lti_tool.llm.chat import hidden_messages
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.pseudonymiser import Identities, Mask
from lti_tool.llm.structured import read_structured
from lti_tool.site_settings.switches import Feature

POLL = timedelta(minutes=2)
Answers = Mapping[str, BatchAnswer]


def advance(door: Door, store: FileStore, run_id: UUID) -> Wait | None:
    """Hand the run in, or look after it; None when its lanes may do the rest, which is nothing if it has ended."""
    run = open_run(door, run_id)
    if run is None:
        return None
    model = BatchModel(door, _caller(door, run))
    try:
        if run.provider_batch is None:
            return Wait(length=POLL) if _hand_in(door, store, run, model) else None
        standing = model.standing(run.provider_batch)
        if standing.state is BatchState.FAILED:
            raise ModelFailed("batch_failed")
        if standing.state is BatchState.OPEN:
            return Wait(length=POLL)
        answers = model.answers(standing.answers) if standing.answers else []
    except ToolError as error:
        if error.code in AWAY:
            return note_away(door, run_id, error.code)
        if isinstance(error, (NotAllowed, ModelFailed)):
            end_early(door, run_id, error.code)
            return None
        raise
    _keep_all(door, store, run, {answer.id: answer for answer in answers})
    return None


def cancel(door: Door, run_id: UUID) -> None:
    """Tell the server that nobody waits for the batch any more."""
    with transaction(door.engine) as session:
        run = session.get_one(DraftRun, run_id)
    if run.provider_batch is not None:
        BatchModel(door, _caller(door, run)).cancel(run.provider_batch)


def _hand_in(door: Door, store: FileStore, run: DraftRun, model: BatchModel) -> bool:
    """Whether anything could be handed in."""
    requests = [request for item in _open_items(door, run) for request in _requests(door, store, item)]
    if not requests:
        return False
    batch = model.submit(requests, mark=str(run.id))
    with transaction(door.engine) as session:
        session.get_one(DraftRun, run.id).provider_batch = batch
    return True


def _requests(door: Door, store: FileStore, item: DraftItem) -> list[BatchRequest]:
    """The requests of one item, with what will be needed when their answers come; none where it cannot be asked."""
    try:
        with transaction(door.engine) as session:
            subject = subject_of(session, door, item.submission_id)
        prepared = prepared_requests(question_on(subject, store), subject.model)
    except ToolError:
        # Its lane meets the same obstacle and says so.
        return []
    if any(one.pictures for one in prepared):
        # Pictures would fill the file: its lane asks about such a work by itself.
        return []
    requests, kept = [], {}
    for one in prepared:
        mask = Mask(subject.identities)
        hidden = hidden_messages(one.messages, mask)
        kept[one.input_hash] = {"sent": hidden, "tags": mask.tags}
        requests.append(
            BatchRequest(id=_name(item, one.input_hash), messages=hidden, form=one.form, most_tokens=one.most_tokens)
        )
    with transaction(door.engine) as session:
        session.get_one(DraftItem, item.id).prepared = kept
    return requests


def _keep_all(door: Door, store: FileStore, run: DraftRun, answers: Answers) -> None:
    for item in _open_items(door, run):
        if item.prepared:
            try:
                _keep(door, store, run, item, answers)
            except (ToolError, ValidationError, KeyError):
                # Left open: it is asked by itself, and repaired or refused there.
                continue


def _keep(door: Door, store: FileStore, run: DraftRun, item: DraftItem, answers: Answers) -> None:
    """Raises KeyError where something was not asked or not answered, ValidationError where it cannot be read."""
    with transaction(door.engine) as session:
        subject = subject_of(session, door, item.submission_id)
    question = question_on(subject, store)
    found = [(one, answers[_name(item, one.input_hash)]) for one in prepared_requests(question, subject.model)]
    asked = [_asked(one, (item.prepared or {})[one.input_hash], answer) for one, answer in found]
    with transaction(door.engine) as session:
        keep(session, subject.submission, question, asked, Purpose(run.purpose))
        for _, answer in found:
            record_cost(session, subject.caller, answer)
        session.get_one(DraftItem, item.id).state = ItemState.SUCCEEDED


def _asked(request: Prepared, kept: Mapping[str, Any], answer: BatchAnswer) -> Asked:
    return Asked(
        request=request,
        answer=read_structured(request.form, answer.text, Mask.of_tags(kept["tags"])),
        usage=answer.usage,
        cost_micros=answer.cost_micros,
        sent=kept["sent"],
    )


def _open_items(door: Door, run: DraftRun) -> list[DraftItem]:
    with transaction(door.engine) as session:
        wanted = select(DraftItem).where(DraftItem.run_id == run.id, DraftItem.state == ItemState.TODO)
        return list(session.scalars(wanted.options(undefer(DraftItem.prepared)).order_by(DraftItem.number)))


def _caller(door: Door, run: DraftRun) -> Caller:
    """For the calls about the batch itself, which carry nothing that is not hidden already."""
    with transaction(door.engine) as session:
        course_id = session.get_one(Placement, run.placement_id).course_id
    return Caller(
        feature=Feature.GRADING_PROPOSALS,
        purpose="grading.batch",
        course_id=course_id,
        identities=Identities(),
    )


def _name(item: DraftItem, input_hash: str) -> str:
    return f"{item.id}-{input_hash[:16]}"
