"""The assistant on the blind sample: asked for by a teacher, or by the clock once the whole sample is graded.

It needs no gate, for it is what the gate is measured by; what it makes is hidden until the work of it is graded.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.gradebook.models import Approval
from lti_tool.grading.agreement.approved import APPROVED
from lti_tool.grading.agreement.gate import DraftingCode, drafting_state, sampled_papers
from lti_tool.grading.agreement.models import SampledPaper
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.proposals.models import DraftRun, Purpose, RunWay
from lti_tool.grading.proposals.requests import prompt_version
from lti_tool.grading.proposals.runs import begin_run, find_open_run, tell_of_run
from lti_tool.grading.proposals.showing import offered_proposals
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature, is_on

UNMEASURED = frozenset({DraftingCode.NOT_MEASURED, DraftingCode.OTHER_MODEL})
AGAIN = timedelta(days=1)
"""What fails is not paid for again and again: the clock asks each assistant once a day, and again after a new grade."""


def unmeasured(session: Session, placement: Placement) -> Sequence[Submission]:
    """Work of the sample that the assistant, as it is set up now, has not graded on the present rubric."""
    offered, model = offered_proposals(session, placement), _model(session, placement)
    made = {name for name, said in offered.items() if not model or (said.model, said.prompt_version) == model}
    return [paper.submission for paper in sampled_papers(session, placement) if paper.submission_id not in made]


def propose_for_sample(
    session: Session, viewer: Viewer, placement: Placement, way: RunWay = RunWay.AT_ONCE
) -> DraftRun:
    """A run for what is unmeasured of the blind sample."""
    viewer.require(Capability.GRADE)
    run = _begin(session, placement, way, asked_by_id=viewer.person_id)
    tell_of_run(session, viewer, run, "drafts.asked")
    return run


def propose_by_itself(session: Session, placement: Placement) -> DraftRun | None:
    """The same without a click, for whoever approved the sample's last grade; None where there is nothing to do."""
    latest = _last_approval(session, placement)
    if latest is None or not _may_begin(session, placement, latest):
        return None
    run = _begin(session, placement, RunWay.AT_ONCE, asked_by_id=latest.approved_by_id)
    audit.record(
        session,
        "drafts.asked",
        course_id=placement.course_id,
        object_type="draft_run",
        object_id=run.id,
        details={"purpose": str(run.purpose), "way": str(run.way), "by": "clock"},
    )
    return run


def _begin(session: Session, placement: Placement, way: RunWay, *, asked_by_id: int) -> DraftRun:
    wanted = unmeasured(session, placement)
    asked_of = _asked_of(session, placement)
    return begin_run(session, placement, wanted, way, Purpose.SAMPLE, asked_by_id=asked_by_id, asked_of=asked_of)


def _may_begin(session: Session, placement: Placement, latest: Approval) -> bool:
    return (
        is_on(session, Feature.GRADING_PROPOSALS, placement.course_id)
        and _model(session, placement) is not None
        and rubric_of(session, placement) is not None
        and find_open_run(session, placement) is None
        and drafting_state(session, placement).why in UNMEASURED
        and bool(unmeasured(session, placement))
        and not _was_asked(session, placement, latest)
    )


def _was_asked(session: Session, placement: Placement, latest: Approval) -> bool:
    since = max(latest.approved_at, now() - AGAIN)
    asked = select(DraftRun.id).where(
        DraftRun.placement_id == placement.id,
        DraftRun.purpose == Purpose.SAMPLE,
        DraftRun.asked_of == _asked_of(session, placement),
        DraftRun.begins_at > since,
    )
    return session.scalar(asked.limit(1)) is not None


def _last_approval(session: Session, placement: Placement) -> Approval | None:
    return session.scalar(
        select(Approval)
        .join(Review, APPROVED)
        .join(SampledPaper, SampledPaper.submission_id == Review.submission_id)
        .where(SampledPaper.placement_id == placement.id)
        .order_by(Approval.approved_at.desc(), Approval.id.desc())
        .limit(1)
    )


def _model(session: Session, placement: Placement) -> tuple[str, str] | None:
    """The assistant as it is set up; None without a model."""
    model = snapshot(session, placement.course_id).read(CHAT_DEPLOYMENT)
    return (model, prompt_version()) if model else None


def _asked_of(session: Session, placement: Placement) -> str:
    return " ".join(_model(session, placement) or ())
