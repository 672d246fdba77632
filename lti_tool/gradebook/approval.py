"""A person approves a grade, and with it releases it unless the activity holds grades back. No other way out."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.grades import check_not_own, grade_for
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.gradebook.options import marking_options
from lti_tool.gradebook.release import release


def approve(session: Session, viewer: Viewer, grade: Grade, *, version: int | None = None) -> Approval:
    """Approve the grade as it stands; `version` is the one that the viewer looked at.

    Released at once, unless the activity's grades wait for their release (gradebook/release.py).

    A second click changes nothing. Raises InvalidInput (`grade_changed`) when somebody changed it meanwhile.
    """
    viewer.require(Capability.GRADE)
    grade = grade_for(session, viewer, grade.id)
    check_not_own(viewer, grade.person_id)
    session.refresh(grade)
    if version is not None and version != grade.version:
        raise InvalidInput("grade_changed", "This grade was changed meanwhile. Look at it again before you approve it.")
    latest = _latest_approval(session, grade)
    if latest is not None and latest.grade_version == grade.version:
        return latest
    approval = _approval(grade, latest, viewer)
    session.add(approval)
    session.flush()
    _tell(session, viewer, grade, approval)
    if not marking_options(session.get_one(Placement, grade.placement_id)).is_held:
        release(session, viewer, grade, approval)
    return approval


def _latest_approval(session: Session, grade: Grade) -> Approval | None:
    """What was last approved of a grade; its current version may be newer."""
    return session.scalar(
        select(Approval).where(Approval.grade_id == grade.id).order_by(Approval.grade_version.desc()).limit(1)
    )


def _approval(grade: Grade, latest: Approval | None, viewer: Viewer) -> Approval:
    return Approval(
        grade_id=grade.id,
        grade_version=grade.version,
        person_id=grade.person_id,
        points=grade.points,
        maximum=grade.maximum,
        comment=grade.comment,
        changes=_changes(grade, latest),
        approved_by_id=viewer.person_id,
        approved_at=now(),
    )


def _changes(grade: Grade, latest: Approval | None) -> dict[str, Any]:
    """What differs from the approval before: [before, after]."""
    before = {} if latest is None else _words(latest)
    after = _words(grade)
    return {field: [before.get(field), value] for field, value in after.items() if before.get(field) != value}


def _words(of: Grade | Approval) -> dict[str, str]:
    return {"points": f"{of.points.normalize():f}", "maximum": f"{of.maximum.normalize():f}", "comment": of.comment}


def _tell(session: Session, viewer: Viewer, grade: Grade, approval: Approval) -> None:
    events.record(
        session,
        EventKind.APPROVED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=grade.placement_id,
        details={"version": approval.grade_version},
    )
    audit.by(
        session,
        viewer,
        "grade.approved",
        object_type="grade",
        object_id=approval.grade_id,
        details={"version": approval.grade_version, "changed": sorted(approval.changes)},
    )
