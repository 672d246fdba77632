"""A proposal for one submission: read, ask, check, keep (R53-R55, R60, R61, R192, R193).

The rows are read in one transaction and the outcome is written whole in another; between them, while files are read
and the model answers, none is open. What was asked before with the same hash is not asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.identities import identities_of
from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput, ModelFailed, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.agreement.models import SampledPaper
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.proposals.keeping import Asked, keep, kept_already
from lti_tool.grading.proposals.models import Purpose
from lti_tool.grading.proposals.pictures import most_pictures, page_pictures
from lti_tool.grading.proposals.requests import Prepared, Question, prepared_requests
from lti_tool.grading.proposals.suspicion import suspicious_stretches
from lti_tool.grading.reading import readable_work
from lti_tool.grading.rubrics.exemplars.fitting import FittingExemplar, exemplars_of
from lti_tool.grading.rubrics.exemplars.models import Exemplar
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import latest_submissions
from lti_tool.llm.chat import ChatModel
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.embeddings import embedding_model_name
from lti_tool.llm.provider import find_provider
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.secrets import Secrets
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature, is_on_in


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A submission with everything that its proposal depends on."""

    submission: Submission
    course_id: int
    task: str
    rubric: Rubric
    exemplars: Sequence[FittingExemplar]
    identities: Identities
    model: str
    most_pictures: int = 0

    @property
    def caller(self) -> Caller:
        return Caller(
            feature=Feature.GRADING_PROPOSALS,
            purpose="grading.proposal",
            course_id=self.course_id,
            identities=self.identities,
        )


def propose(door: Door, store: FileStore, submission_id: UUID, purpose: Purpose) -> UUID:
    """The id of the proposal on offer; raises InvalidInput, NotFound, NotAllowed or ModelFailed and keeps nothing."""
    with transaction(door.engine) as session:
        subject = subject_of(session, door, submission_id)
    question = question_on(subject, store)
    requests = prepared_requests(question, subject.model)
    with transaction(door.engine) as session:
        earlier = kept_already(session, submission_id, [request.input_hash for request in requests])
    if earlier is not None:
        return earlier
    model = ChatModel(door, subject.caller)
    answers = [_ask(model, request) for request in requests]
    with transaction(door.engine) as session:
        return keep(session, subject.submission, question, answers, purpose)


def subject_of(session: Session, door: Door, submission_id: UUID) -> Subject:
    """Load what a proposal needs; raises NotFound, InvalidInput or ModelFailed (`not_configured`)."""
    submission = session.get(Submission, submission_id)
    if submission is None:
        raise NotFound("submission_unknown")
    placement = session.get_one(Placement, submission.placement_id)
    rubric = rubric_of(session, placement)
    if rubric is None:
        raise InvalidInput("rubric_missing", "Drafts of marks need a rubric.")
    latest = latest_submissions(session, placement).get(submission.person_id)
    if latest is None or latest.id != submission.id:
        raise InvalidInput("submission_outdated", "The student has handed in again. Mark the latest attempt.")
    settings = snapshot(session, placement.course_id)
    provider = find_provider(settings, door.secrets)
    if provider is None or not provider.chat_model:
        raise ModelFailed("not_configured", "No language model is configured.")
    return Subject(
        submission=submission,
        course_id=placement.course_id,
        task=placement.description,
        rubric=rubric,
        exemplars=_exemplars(session, rubric, submission),
        identities=identities_of(session, placement.course_id),
        model=provider.chat_model,
        most_pictures=most_pictures(settings),
    )


def may_show_work(session: Session, secrets: Secrets, course_id: int) -> bool:
    """Whether work of the course can reach a model, to draft marks or for the second opinion: students are told so."""
    settings = snapshot(session, course_id)
    provider = find_provider(settings, secrets)
    if provider is None or not is_on_in(settings, Feature.GRADING_PROPOSALS):
        return False
    return bool(provider.chat_model) or embedding_model_name(settings, secrets) is not None


def may_show_pictures(session: Session, secrets: Secrets, course_id: int) -> bool:
    """Whether photos and scans of work are among what can reach a model, names on them and all."""
    return may_show_work(session, secrets, course_id) and most_pictures(snapshot(session, course_id)) > 0


def question_on(subject: Subject, store: FileStore) -> Question:
    """The readable work with what is suspicious in it; raises InvalidInput where there is nothing to read."""
    work = readable_work(store, subject.submission, is_patient=True)
    pictures, has_more = page_pictures(store, subject.submission, subject.most_pictures)
    if not work.text.strip() and not pictures:
        raise InvalidInput("work_unreadable", "Nothing in this work can be read as text.")
    return Question(
        task=subject.task,
        rubric=subject.rubric,
        exemplars=subject.exemplars,
        work=work,
        stretches=suspicious_stretches(work),
        pictures=pictures,
        has_more_pictures=has_more,
    )


def _ask(model: ChatModel, request: Prepared) -> Asked:
    said = model.structured_with_usage(request.messages, request.form, max_tokens=request.most_tokens)
    return Asked(request=request, answer=said.value, usage=said.usage, cost_micros=said.cost_micros, sent=said.sent)


def _exemplars(session: Session, rubric: Rubric, submission: Submission) -> list[FittingExemplar]:
    """Never the work itself: its grade would be in the question.

    Nor, for work of the blind sample, other work of it: who is examined is not shown the answers to the examination.
    """
    sampled = select(SampledPaper.submission_id).where(SampledPaper.placement_id == submission.placement_id)
    examined = set(session.scalars(sampled))
    left_out = examined if submission.id in examined else {submission.id}
    names = set(session.scalars(select(Exemplar.id).where(Exemplar.submission_id.in_(left_out))))
    return [exemplar for exemplar in exemplars_of(session, rubric) if exemplar.id not in names]
