"""A teacher keeps an exemplar: typed, or copied from approved work without anything that names its author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.identities import identities_of
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval
from lti_tool.grading.models import Criterion, Level, Review, Rubric, Submission
from lti_tool.grading.reading import readable_work
from lti_tool.grading.rubrics.exemplars.models import Exemplar, ExemplarTick
from lti_tool.llm.pseudonymiser import Mask

LONGEST_TEXT = 20_000
LONGEST_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a typed answer is said to be worth on one criterion: a level, or points of a marking guide."""

    level_id: int | None = None
    points: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the form brought."""

    text: str
    note: str = ""


def approved_reviews(session: Session, viewer: Viewer, placement: Placement) -> Sequence[Review]:
    """The approved decisions on a rubric whose work is no exemplar yet, latest decision of each."""
    viewer.require(Capability.MANAGE)
    kept = select(Exemplar.submission_id).where(
        Exemplar.placement_id == placement.id, Exemplar.submission_id.is_not(None)
    )
    reviews = session.scalars(
        select(Review)
        .join(Submission, Submission.id == Review.submission_id)
        .join(Approval, (Approval.grade_id == Review.grade_id) & (Approval.grade_version == Review.grade_version))
        .where(Submission.placement_id == placement.id, Review.rubric_id.is_not(None))
        .where(Submission.id.not_in(kept))
        .order_by(Review.version)
    )
    latest = {review.submission_id: review for review in reviews}
    return sorted(latest.values(), key=lambda review: (-review.points, review.id))


def approved_review_of(session: Session, viewer: Viewer, placement: Placement, submission_id: UUID) -> Review:
    """The approved decision on one piece of work; raises NotFound."""
    for review in approved_reviews(session, viewer, placement):
        if review.submission_id == submission_id:
            return review
    raise NotFound("submission_unknown")


def without_names(session: Session, store: FileStore, viewer: Viewer, submission: Submission) -> str:
    """The work's text with everybody of the course hidden: a first draft for the teacher, who reads it again."""
    mask = Mask(identities_of(session, viewer.course_id), numbered=False)
    return mask.hide(readable_work(store, submission).text)[:LONGEST_TEXT]


def keep_work(session: Session, viewer: Viewer, placement: Placement, review: Review, answer: Answer) -> Exemplar:
    """Approved work with the ticks that a person gave it. Raises InvalidInput."""
    ticks = [
        ExemplarTick(criterion_id=tick.criterion_id, level_id=tick.level_id, points=tick.points)
        for tick in review.ticks
    ]
    rubric_id = review.rubric_id
    if rubric_id is None:
        raise NotFound("rubric_unknown")
    return _keep(session, viewer, placement, rubric_id, answer, ticks, submission_id=review.submission_id)


def keep_typed(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    rubric: Rubric,
    answer: Answer,
    choices: Mapping[int, Choice],
) -> Exemplar:
    """An answer from elsewhere, with what the teacher says it is worth. Raises InvalidInput."""
    found = (_tick(criterion, choices.get(criterion.id, Choice())) for criterion in rubric.criteria)
    ticks = [tick for tick in found if tick is not None]
    if not ticks:
        raise InvalidInput("exemplar_without_level", "Say for at least one criterion which level the answer shows.")
    return _keep(session, viewer, placement, rubric.id, answer, ticks)


def remove_exemplar(session: Session, viewer: Viewer, placement: Placement, exemplar_id: UUID) -> None:
    """Raises NotFound where the activity has no such exemplar."""
    viewer.require(Capability.MANAGE)
    exemplar = session.get(Exemplar, exemplar_id)
    if exemplar is None or exemplar.placement_id != placement.id:
        raise NotFound("exemplar_unknown")
    session.delete(exemplar)
    session.flush()
    _audit(session, viewer, "exemplar.removed", exemplar_id)


def _keep(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    rubric_id: int,
    answer: Answer,
    ticks: list[ExemplarTick],
    submission_id: UUID | None = None,
) -> Exemplar:
    viewer.require(Capability.MANAGE)
    exemplar = Exemplar(
        placement_id=placement.id,
        rubric_id=rubric_id,
        submission_id=submission_id,
        text=_checked_text(answer),
        note=answer.note.strip(),
        created_by_id=viewer.person_id,
    )
    session.add(exemplar)
    session.flush()
    for tick in ticks:
        tick.rubric_id = rubric_id
    exemplar.ticks = ticks
    session.flush()
    _audit(session, viewer, "exemplar.kept", exemplar.id)
    return exemplar


def _checked_text(answer: Answer) -> str:
    text = answer.text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT or len(answer.note) > LONGEST_NOTE or "\0" in text + answer.note:
        raise InvalidInput(
            "exemplar_unusable",
            "An exemplar needs a text of at most %(longest)s characters.",
            {"longest": LONGEST_TEXT},
        )
    return text


def _tick(criterion: Criterion, choice: Choice) -> ExemplarTick | None:
    if choice.level_id is not None:
        level = _level(criterion, choice.level_id)
        return ExemplarTick(criterion_id=criterion.id, level_id=level.id, points=level.points)
    if choice.points is None:
        return None
    if choice.points > criterion.points:
        raise InvalidInput(
            "points_out_of_range",
            "“%(title)s” has at most %(points)s points.",
            {"title": criterion.title, "points": criterion.points},
        )
    return ExemplarTick(criterion_id=criterion.id, points=choice.points)


def _level(criterion: Criterion, level_id: int) -> Level:
    for level in criterion.levels:
        if level.id == level_id:
            return level
    raise InvalidInput("level_unknown", "The form does not fit the rubric. Reload the page and try again.")


def _audit(session: Session, viewer: Viewer, action: str, exemplar_id: UUID) -> None:
    audit.by(session, viewer, action, object_type="exemplar", object_id=exemplar_id)
