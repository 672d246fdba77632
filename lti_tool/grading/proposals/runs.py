"""Asking for drafts, one or many, at once or by night; stopping them; how far they are (R58).

A run is a row with one item a submission; jobs take the items one by one and look at the row before each, so a killed
worker goes on where it was, and a run that was stopped ends with the call that is under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.grading.agreement.gate import drafting_state
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.models import (
    DraftItem,
    DraftRun,
    ItemState,
    Proposal,
    ProposalState,
    Purpose,
    RunState,
    RunWay,
)
from lti_tool.grading.proposals.pictures import is_readable, most_pictures
from lti_tool.grading.proposals.run_ends import OPEN, end_run
from lti_tool.grading.proposals.showing import drafted_submissions, marked_submissions
from lti_tool.grading.proposals.tasks import cancel_batch, queue_run
from lti_tool.grading.reading import ReadableWork
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import latest_submissions
from lti_tool.site_settings.grading import DRAFT_HOUR
from lti_tool.site_settings.store import read, snapshot
from lti_tool.site_settings.switches import Feature, is_on, require_on


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is; costs are millionths of the currency."""

    run: DraftRun
    done: int
    failed: int
    total: int
    cost_micros: int

    @property
    def is_open(self) -> bool:
        return self.run.state in OPEN


def undrafted(session: Session, placement: Placement) -> list[Submission]:
    """The latest work that nobody has marked and that has no proposal on the current rubric."""
    latest = list(latest_submissions(session, placement).values())
    settled = marked_submissions(session, [work.id for work in latest]) | drafted_submissions(session, placement)
    return [work for work in latest if work.id not in settled]


def ask_for_drafts(
    session: Session, viewer: Viewer, placement: Placement, submissions: Sequence[Submission], way: RunWay
) -> DraftRun:
    """A run for these submissions of the placement; raises InvalidInput or NotAllowed before anything is asked."""
    if not drafting_state(session, placement).is_allowed:
        raise NotAllowed("drafts_not_allowed", "The assistant may not draft for this activity.")
    if not {work.id for work in submissions} <= {work.id for work in undrafted(session, placement)}:
        raise InvalidInput("draft_unneeded", "This work is marked, drafted or handed in anew by now: no draft is made.")
    viewer.require(Capability.GRADE)
    run = begin_run(session, placement, submissions, way, Purpose.DRAFT, asked_by_id=viewer.person_id)
    tell_of_run(session, viewer, run, "drafts.asked")
    return run


def can_read(session: Session, placement: Placement, submission: Submission, work: ReadableWork) -> bool:
    """Whether there is anything in a work that a model could be given, as the course's settings are."""
    return is_readable(work, submission, most_pictures(snapshot(session, placement.course_id)))


def may_be_drafted(session: Session, placement: Placement, submission: Submission) -> bool:
    """Whether a draft could be asked for this one now."""
    return (
        is_on(session, Feature.GRADING_PROPOSALS, placement.course_id)
        and rubric_of(session, placement) is not None
        and find_open_run(session, placement) is None
        and submission.id in {work.id for work in undrafted(session, placement)}
        and drafting_state(session, placement).is_allowed
    )


def run_for(session: Session, viewer: Viewer, run_id: UUID) -> DraftRun:
    """A run of the viewer's activity; raises NotFound."""
    viewer.require(Capability.GRADE)
    run = session.scalar(
        select(DraftRun)
        .join(Placement, Placement.id == DraftRun.placement_id)
        .where(
            DraftRun.id == run_id,
            DraftRun.placement_id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
        )
    )
    if run is None:
        raise NotFound("run_unknown")
    return run


def stop(session: Session, viewer: Viewer, run: DraftRun) -> None:
    """Make no more drafts; those that were made stay. Nothing happens to a run that has ended."""
    viewer.require(Capability.GRADE)
    session.refresh(run, with_for_update=True)
    if run.state in OPEN:
        end_run(session, run, RunState.CANCELLED)
        if run.provider_batch:
            cancel_batch.enqueue(session, run_id=str(run.id))
        tell_of_run(session, viewer, run, "drafts.stopped")


def latest_run(session: Session, placement: Placement) -> DraftRun | None:
    wanted = select(DraftRun).where(DraftRun.placement_id == placement.id)
    return session.scalar(wanted.order_by(DraftRun.created_at.desc(), DraftRun.id).limit(1))


def progress_of(session: Session, run: DraftRun) -> Progress:
    rows = session.execute(
        select(DraftItem.state, func.count()).where(DraftItem.run_id == run.id).group_by(DraftItem.state)
    )
    counts = {state: count for state, count in rows}
    return Progress(
        run=run,
        done=counts.get(ItemState.SUCCEEDED, 0),
        failed=counts.get(ItemState.FAILED, 0),
        total=sum(counts.values()),
        cost_micros=_cost(session, run),
    )


def failed_items(session: Session, run: DraftRun) -> Sequence[DraftItem]:
    """Those of which no draft could be made, with the reason."""
    return session.scalars(
        select(DraftItem)
        .where(DraftItem.run_id == run.id, DraftItem.state == ItemState.FAILED)
        .order_by(DraftItem.number)
    ).all()


def next_night(hour: int, at: datetime) -> datetime:
    """When that hour comes next by the server's clock."""
    local = at.astimezone()
    tonight = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return tonight if tonight > local else tonight + timedelta(days=1)


def begin_run(
    session: Session,
    placement: Placement,
    submissions: Sequence[Submission],
    way: RunWay,
    purpose: Purpose,
    *,
    asked_by_id: int,
    asked_of: str = "",
) -> DraftRun:
    """Queue a run; the caller has seen to it that whoever it is for may ask. Raises InvalidInput or NotAllowed."""
    _require_possible(session, placement, submissions)
    at = now()
    run = DraftRun(
        placement_id=placement.id,
        asked_by_id=asked_by_id,
        asked_of=asked_of,
        purpose=purpose,
        way=way,
        begins_at=next_night(read(session, DRAFT_HOUR), at) if way is RunWay.OVERNIGHT else at,
        items=[DraftItem(number=number, submission_id=work.id) for number, work in enumerate(submissions)],
    )
    session.add(run)
    session.flush()
    queue_run(session, run)
    return run


def _require_possible(session: Session, placement: Placement, submissions: Sequence[Submission]) -> None:
    require_on(session, Feature.GRADING_PROPOSALS, placement.course_id)
    if rubric_of(session, placement) is None:
        raise InvalidInput("rubric_missing", "Drafts of marks need a rubric.")
    if not submissions:
        raise InvalidInput("nothing_to_draft", "There is no work that waits for a draft.")
    # Two clicks at once: the second finds the first one's run.
    session.execute(select(Placement.id).where(Placement.id == placement.id).with_for_update(key_share=True))
    if find_open_run(session, placement) is not None:
        raise InvalidInput("drafts_running", "Drafts are being made already. Wait for them, or stop them first.")


def find_open_run(session: Session, placement: Placement) -> UUID | None:
    """The run that is under way; there is one at a time."""
    return session.scalar(select(DraftRun.id).where(DraftRun.placement_id == placement.id, DraftRun.state.in_(OPEN)))


def _cost(session: Session, run: DraftRun) -> int:
    """Of everything that was kept for its items since it was asked for."""
    items = select(DraftItem.submission_id).where(DraftItem.run_id == run.id)
    cost = select(func.sum(Proposal.cost_micros)).where(
        Proposal.submission_id.in_(items),
        Proposal.created_at >= run.created_at,
        Proposal.state != ProposalState.OUTDATED,
    )
    if run.finished_at is not None:
        cost = cost.where(Proposal.created_at <= run.finished_at)
    return int(session.scalar(cost) or 0)


def tell_of_run(session: Session, viewer: Viewer, run: DraftRun, action: str) -> None:
    """In the audit."""
    audit.by(
        session,
        viewer,
        action,
        object_type="draft_run",
        object_id=run.id,
        details={"purpose": str(run.purpose), "way": str(run.way)},
    )
