"""The rubric of an activity: the latest version, made from what the picker left, and saved as the next version."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.models import Criterion, Level, Rubric
from lti_tool.grading.rubrics.plain_text import (
    CriterionPlan,
    LevelPlan,
    as_options,
    from_options,
    read_rubric,
    write_rubric,
)


def rubric_of(session: Session, placement: Placement) -> Rubric | None:
    """The rubric that new work is marked on; None where the activity has points alone."""
    rubric = _latest(session, placement)
    if rubric is not None or not placement.options.get("rubric"):
        return rubric
    _lock(session, placement)
    return _latest(session, placement) or _add(session, placement, from_options(placement.options), None)


def save_rubric(session: Session, viewer: Viewer, placement: Placement, text: str) -> Rubric:
    """The text as the next version; unchanged, it stays the version it is. Raises InvalidInput."""
    viewer.require(Capability.MANAGE)
    criteria = read_rubric(text, points=placement.points or 0)
    rubric = rubric_of(session, placement)
    _lock(session, placement)
    if rubric is not None and _plans(rubric) == criteria:
        return rubric
    rubric = _add(session, placement, criteria, viewer.person_id)
    placement.options = placement.options | {"rubric": as_options(criteria)}
    audit.record(
        session,
        "rubric.saved",
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="placement",
        object_id=placement.id,
        details={"version": rubric.version, "criteria": len(criteria)},
    )
    return rubric


def rubric_as_text(rubric: Rubric | None) -> str:
    """The rubric as a teacher edits it."""
    return write_rubric(_plans(rubric)) if rubric else ""


def _plans(rubric: Rubric) -> list[CriterionPlan]:
    return [
        CriterionPlan(
            title=criterion.title,
            levels=tuple(LevelPlan(title=level.title, points=level.points) for level in criterion.levels),
        )
        for criterion in rubric.criteria
    ]


def _latest(session: Session, placement: Placement) -> Rubric | None:
    return session.scalar(
        select(Rubric).where(Rubric.placement_id == placement.id).order_by(Rubric.version.desc()).limit(1)
    )


def _lock(session: Session, placement: Placement) -> None:
    """Two first visitors, or two teachers, make versions one after the other."""
    session.execute(select(Placement.id).where(Placement.id == placement.id).with_for_update(key_share=True))


def _add(session: Session, placement: Placement, criteria: Sequence[CriterionPlan], by: int | None) -> Rubric:
    latest = _latest(session, placement)
    rubric = Rubric(placement_id=placement.id, version=latest.version + 1 if latest else 1, created_by_id=by)
    rubric.criteria = [
        Criterion(position=position, title=plan.title, points=plan.points, levels=_levels(plan))
        for position, plan in enumerate(criteria, start=1)
    ]
    session.add(rubric)
    session.flush()
    return rubric


def _levels(plan: CriterionPlan) -> list[Level]:
    return [
        Level(position=position, title=level.title, points=level.points)
        for position, level in enumerate(plan.levels, start=1)
    ]
