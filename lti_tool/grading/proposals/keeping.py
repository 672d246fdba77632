"""Writing proposals down, whole or not at all, with what a person should look at twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.content.security import Place, Spot, record_injection
from lti_tool.grading.activities import lock_work
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.answers import Answer, read_answer
from lti_tool.grading.proposals.checking import checked_tick
from lti_tool.grading.proposals.models import Flag, Proposal, ProposalState, Purpose, ReadAs
from lti_tool.grading.proposals.pictures import without_pictures
from lti_tool.grading.proposals.requests import Prepared, Question, is_cut, prompt_version
from lti_tool.grading.proposals.suspicion import Kind, Stretch
from lti_tool.grading.reading import ReadableWork
from lti_tool.llm.injection.patterns import Trick
from lti_tool.llm.usage import Usage


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request with the answer to it, what that cost, and the messages as they left the house."""

    request: Prepared
    answer: BaseModel
    usage: Usage
    cost_micros: int
    sent: Sequence[Mapping[str, Any]]


def kept_already(session: Session, submission_id: UUID, input_hashes: Sequence[str]) -> UUID | None:
    """The proposal on offer if it was made from just these inputs."""
    return session.scalar(
        select(Proposal.id).where(
            Proposal.submission_id == submission_id,
            Proposal.state == ProposalState.OFFERED,
            Proposal.input_hash == input_hashes[-1],
        )
    )


def keep(
    session: Session, submission: Submission, question: Question, answers: Sequence[Asked], purpose: Purpose
) -> UUID:
    """Put the last answer on offer and any other beside it, in place of what was there; the id of the one on offer."""
    lock_work(session, session.get_one(Placement, submission.placement_id), submission.person_id)
    earlier = kept_already(session, submission.id, [asked.request.input_hash for asked in answers])
    if earlier is not None:
        # Two runs asked at once: the first answer stays.
        return earlier
    _outdate(session, submission)
    read = [read_answer(question.rubric, asked.answer) for asked in answers]
    flags = list(dict.fromkeys(_flags(question, read)))
    last: Proposal | None = None
    for asked, answer in zip(answers, read, strict=True):
        last = _add(session, submission, question, asked, answer, flags, purpose, whole=last)
    assert last is not None
    _tell(session, submission, question, last)
    return last.id


def _tell(session: Session, submission: Submission, question: Question, proposal: Proposal) -> None:
    """In the chained audit: of whose work, by which model and prompt, from what (R193); and what tried to steer it."""
    course_id = session.get_one(Placement, submission.placement_id).course_id
    audit.record(
        session,
        "grade.proposed",
        course_id=course_id,
        object_type="submission",
        object_id=submission.id,
        details={
            "proposal": proposal.id,
            "person": submission.person_id,
            "model": proposal.model,
            "prompt": proposal.prompt_version,
            "input": proposal.input_hash,
        },
    )
    spot = Spot(place=Place.SUBMISSION, object_id=submission.id, course_id=course_id, person_id=submission.person_id)
    found = {stretch.kind for stretch in question.stretches}
    record_injection(session, spot, [trick for trick in Trick if trick in found])


def _outdate(session: Session, submission: Submission) -> None:
    session.execute(
        update(Proposal)
        .where(Proposal.submission_id == submission.id, Proposal.state != ProposalState.OUTDATED)
        .values(state=ProposalState.OUTDATED)
        .execution_options(synchronize_session="fetch")
    )


def _add(
    session: Session,
    submission: Submission,
    question: Question,
    asked: Asked,
    answer: Answer,
    flags: Sequence[str],
    purpose: Purpose,
    whole: Proposal | None,
) -> Proposal:
    ticks = [checked_tick(judgement, question.work, asked.request.pictures) for judgement in answer.judgements]
    struck = [Flag.QUOTES_STRUCK] if any(row.is_struck for tick in ticks for row in tick.evidence) else []
    is_beside = question.stretches and asked.request.read_as is ReadAs.WHOLE
    proposal = Proposal(
        id=uuid4(),
        submission_id=submission.id,
        rubric_id=question.rubric.id,
        purpose=purpose,
        read_as=asked.request.read_as,
        whole_id=whole.id if whole else None,
        state=ProposalState.BESIDE if is_beside else ProposalState.OFFERED,
        feedback=answer.feedback,
        flags=[*flags, *struck],
        suspicious=[_place(stretch, question.work) for stretch in question.stretches],
        model=asked.usage.model,
        prompt_version=prompt_version(),
        input_hash=asked.request.input_hash,
        sent=without_pictures(asked.sent, asked.request.pictures),
        prompt_tokens=asked.usage.prompt_tokens,
        completion_tokens=asked.usage.completion_tokens,
        is_estimated=asked.usage.is_estimated,
        cost_micros=asked.cost_micros,
        ticks=ticks,
    )
    session.add(proposal)
    session.flush()
    return proposal


def _flags(question: Question, answers: Sequence[Answer]) -> Iterator[Flag]:
    given = [[judgement.points for judgement in answer.judgements] for answer in answers]
    if any(points != given[0] for points in given):
        yield Flag.STEERED
    if any(stretch.kind != Kind.CONCEALED for stretch in question.stretches):
        yield Flag.SUSPICIOUS
    if question.work.concealed:
        yield Flag.CONCEALED
    if is_cut(question.work) or question.has_more_pictures:
        yield Flag.CUT
    if question.pictures:
        yield Flag.PICTURES
    if question.not_given:
        yield Flag.UNREAD_FILES


def _place(stretch: Stretch, work: ReadableWork) -> dict[str, Any]:
    span = work.place_of(stretch.start)
    return {
        "begins": stretch.start,
        "ends": stretch.end,
        "kind": str(stretch.kind),
        "file": span.file,
        "page": span.page,
        "line": span.file_line,
    }
