"""Drawing the papers that are graded blind: spread by length and by predicted score, never one with a draft to see.

The draw is by lot within each stretch of lengths or scores, so that nobody picks the easy ones; the same for the same
papers, whoever draws.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.grading.agreement.gate import gate_of, sampled_papers
from lti_tool.grading.agreement.models import SampledPaper, SampleReason
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.models import Proposal, Purpose
from lti_tool.grading.rubrics.exemplars.models import Exemplar
from lti_tool.grading.second_opinion.opinions import opinions
from lti_tool.grading.submissions import latest_submissions

WORDS_A_PAGE = 300


def draw_sample(session: Session, viewer: Viewer, placement: Placement) -> list[SampledPaper]:
    """Fill the sample up to the size that the teacher set; a full one grows by as many again. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    session.scalar(select(Placement.id).where(Placement.id == placement.id).with_for_update())
    size, drawn = gate_of(session, placement).sample_size, sampled_papers(session, placement)
    wanted = size - len(drawn) if len(drawn) < size else size
    chosen = choose(_candidates(session, placement), wanted, _predicted(session, placement))
    if not chosen:
        raise InvalidInput("sample_empty", "There is no other work that could be graded blind.")
    papers = [
        SampledPaper(placement_id=placement.id, submission_id=name, position=position, reason=reason)
        for position, (name, reason) in enumerate(chosen, start=_last_position(session, placement) + 1)
    ]
    session.add_all(papers)
    session.flush()
    _tell(session, viewer, placement, len(papers))
    return papers


def choose(lengths: dict[UUID, int], wanted: int, predicted: dict[UUID, float]) -> list[tuple[UUID, SampleReason]]:
    """Half by predicted score where there are predictions, the rest by length."""
    scored = [name for name in lengths if name in predicted]
    by_score = _spread(scored, wanted // 2, lambda name: predicted[name])
    rest = [name for name in lengths if name not in set(by_score)]
    by_length = _spread(rest, wanted - len(by_score), lambda name: lengths[name])
    chosen = [(name, SampleReason.PREDICTED) for name in by_score]
    return sorted(chosen + [(name, SampleReason.LENGTH) for name in by_length], key=lambda one: _lot(one[0]))


def _spread(names: Collection[UUID], wanted: int, size: Callable[[UUID], float]) -> list[UUID]:
    """One by lot from each of `wanted` stretches of the sorted names."""
    ordered: Sequence[UUID] = sorted(names, key=lambda name: (size(name), _lot(name)))
    count = min(wanted, len(ordered))
    edges = [len(ordered) * number // count for number in range(count + 1)] if count else []
    return [min(ordered[start:end], key=_lot) for start, end in pairwise(edges)]


def _last_position(session: Session, placement: Placement) -> int:
    """Withdrawn work keeps its place."""
    taken = select(func.max(SampledPaper.position)).where(SampledPaper.placement_id == placement.id)
    return session.scalar(taken) or 0


def _lot(name: UUID) -> str:
    return hashlib.sha256(name.bytes).hexdigest()


def _candidates(session: Session, placement: Placement) -> dict[UUID, int]:
    """Latest attempts that were not drawn yet, never had a draft that somebody could see, and are no exemplars."""
    taken = set(session.scalars(select(SampledPaper.submission_id).where(SampledPaper.placement_id == placement.id)))
    taken |= set(
        session.scalars(
            select(Proposal.submission_id)
            .join(Submission, Submission.id == Proposal.submission_id)
            .where(Submission.placement_id == placement.id, Proposal.purpose == Purpose.DRAFT)
        )
    )
    exemplars = select(Exemplar.submission_id).where(Exemplar.placement_id == placement.id)
    taken |= set(session.scalars(exemplars.where(Exemplar.submission_id.is_not(None))))
    latest = latest_submissions(session, placement).values()
    return {work.id: _length(work) for work in latest if work.id not in taken}


def _length(submission: Submission) -> int:
    """Words, roughly: a file is not opened for this."""
    return len(submission.text.split()) + WORDS_A_PAGE * sum(file.pages or 1 for file in submission.files)


def _predicted(session: Session, placement: Placement) -> dict[UUID, float]:
    return {name: opinion.points for name, opinion in opinions(session, placement).items()}


def _tell(session: Session, viewer: Viewer, placement: Placement, papers: int) -> None:
    audit.by(
        session,
        viewer,
        "agreement.sample_drawn",
        object_type="placement",
        object_id=placement.id,
        details={"papers": papers},
    )
