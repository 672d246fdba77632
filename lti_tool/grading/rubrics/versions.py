"""The rubric of an activity: the latest version, made from what the picker left, and saved as the next version."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.gradebook.options import lock_options
from lti_tool.grading.assignments.fillings import require_own_rubric
from lti_tool.grading.models import Criterion, Level, Review, Rubric
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, RubricDraft, checked, draft_of
from lti_tool.grading.rubrics.json_form import KEY, as_json, from_options


def rubric_of(session: Session, placement: Placement) -> Rubric | None:
    """The rubric that new work is marked on; None where the activity has points alone."""
    rubric = _latest(session, placement)
    left = from_options(placement.options) if rubric is None else None
    if left is None:
        return rubric
    _lock(session, placement)
    return _latest(session, placement) or _add(session, placement, left, None)


def versions_of(session: Session, placement: Placement) -> Sequence[Rubric]:
    """Every version, latest first."""
    return session.scalars(
        select(Rubric).where(Rubric.placement_id == placement.id).order_by(Rubric.version.desc())
    ).all()


def version_of(session: Session, placement: Placement, version: int) -> Rubric:
    """One version; raises NotFound."""
    rubric = session.scalar(select(Rubric).where(Rubric.placement_id == placement.id, Rubric.version == version))
    if rubric is None:
        raise NotFound("rubric_unknown")
    return rubric


def reviews_on(session: Session, placement: Placement) -> dict[int, int]:
    """How many decisions were made on each version, by the rubric's id."""
    counted = session.execute(
        select(Rubric.id, func.count(Review.id))
        .join(Review, Review.rubric_id == Rubric.id)
        .where(Rubric.placement_id == placement.id)
        .group_by(Rubric.id)
    )
    return {rubric_id: count for rubric_id, count in counted}


def save_rubric(
    session: Session, viewer: Viewer, placement: Placement, draft: RubricDraft, *, origin: str = "editor"
) -> Rubric:
    """The draft as the next version; unchanged, it stays the version it is. Raises InvalidInput.

    `origin` says in the audit where it came from: "editor", "moodle".
    """
    viewer.require(Capability.MANAGE)
    require_own_rubric(session, placement, origin)
    lock_options(session, placement)
    rubric = rubric_of(session, placement)
    if rubric is not None and draft_of(rubric) == checked(draft):
        return rubric
    rubric = _add(session, placement, checked(draft), viewer.person_id)
    placement.options = placement.options | {KEY: as_json(draft)}
    _tell(session, viewer, placement, {"version": rubric.version, "criteria": len(draft.criteria), "origin": origin})
    return rubric


def _latest(session: Session, placement: Placement) -> Rubric | None:
    return session.scalar(
        select(Rubric).where(Rubric.placement_id == placement.id).order_by(Rubric.version.desc()).limit(1)
    )


def _lock(session: Session, placement: Placement) -> None:
    """Two first visitors, or two teachers, make versions one after the other."""
    session.execute(select(Placement.id).where(Placement.id == placement.id).with_for_update(key_share=True))


def _add(session: Session, placement: Placement, draft: RubricDraft, by: int | None) -> Rubric:
    latest = _latest(session, placement)
    rubric = Rubric(
        placement_id=placement.id, version=latest.version + 1 if latest else 1, kind=draft.kind, created_by_id=by
    )
    rubric.criteria = [_criterion(position, plan) for position, plan in enumerate(draft.criteria, start=1)]
    session.add(rubric)
    session.flush()
    return rubric


def _criterion(position: int, plan: CriterionDraft) -> Criterion:
    return Criterion(
        position=position,
        title=plan.title,
        description=plan.description,
        for_markers=plan.for_markers,
        points=plan.points,
        weight=plan.weight,
        moodle_id=plan.moodle_id,
        levels=[_level(number, level) for number, level in enumerate(plan.levels, start=1)],
    )


def _level(position: int, plan: LevelDraft) -> Level:
    return Level(
        position=position,
        title=plan.title,
        description=plan.description,
        points=plan.points,
        moodle_id=plan.moodle_id,
    )


def _tell(session: Session, viewer: Viewer, placement: Placement, details: dict[str, Any]) -> None:
    audit.by(session, viewer, "rubric.saved", object_type="placement", object_id=placement.id, details=details)
