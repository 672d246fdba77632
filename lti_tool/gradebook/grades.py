"""Recording a grade, and finding one that the viewer may see. A recorded grade is a draft: nobody but staff sees it.

Nobody grades themselves, whatever their role.
"""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Membership, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade

LONGEST_COMMENT = 40_000
STEP = Decimal("0.001")


def record_grade(
    session: Session,
    viewer: Viewer,
    *,
    placement_id: UUID,
    person_id: int,
    points: Decimal,
    comment: str,
    has_news: bool = False,
) -> Grade:
    """Keep points and comment as a draft; a change of either is a new version that nobody has approved yet.

    So is news of anything else that the student is shown with the grade, as marks on pages.
    """
    placement = graded_placement(session, viewer, placement_id)
    check_not_own(viewer, person_id)
    maximum = Decimal(placement.points or 0)
    points, comment = _checked_points(points, maximum), _checked_comment(comment)
    grade = locked_grade_of(session, viewer, placement_id=placement_id, person_id=person_id)
    if grade is None:
        grade = Grade(placement_id=placement_id, person_id=person_id, version=1)
        session.add(grade)
    elif not has_news and (grade.points, grade.maximum, grade.comment) == (points, maximum, comment):
        return grade
    else:
        grade.version += 1
    grade.points, grade.maximum, grade.comment = points, maximum, comment
    grade.recorded_by_id, grade.recorded_at = viewer.person_id, now()
    session.flush()
    return grade


def grade_for(session: Session, viewer: Viewer, grade_id: int) -> Grade:
    """A grade of the viewer's course, locked, for somebody who may grade; raises NotAllowed or NotFound."""
    viewer.require(Capability.GRADE)
    grade = session.scalar(
        select(Grade)
        .join(Placement, Placement.id == Grade.placement_id)
        .where(Grade.id == grade_id, Placement.course_id == viewer.course_id)
        .with_for_update(of=Grade)
    )
    if grade is None:
        raise NotFound("grade_unknown")
    return grade


def grade_of(session: Session, viewer: Viewer, *, placement_id: UUID, person_id: int) -> Grade | None:
    """A person's grade, draft or not, for staff."""
    graded_placement(session, viewer, placement_id)
    return session.scalar(select(Grade).where(Grade.placement_id == placement_id, Grade.person_id == person_id))


def locked_grade_of(session: Session, viewer: Viewer, *, placement_id: UUID, person_id: int) -> Grade | None:
    """A person's grade as it stands, and nobody else records one until the transaction ends."""
    graded_placement(session, viewer, placement_id)
    _check_member(session, viewer, person_id)
    # Loaded before the lock, it may be older than what stands there: the next version must follow upon that.
    return session.scalar(
        select(Grade)
        .where(Grade.placement_id == placement_id, Grade.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def approved_grade_of(session: Session, viewer: Viewer, *, placement_id: UUID) -> Approval | None:
    """The viewer's own latest approved and released grade: all that a student ever sees of a grade."""
    return session.scalar(
        select(Approval)
        .join(ApprovalEnd, and_(ApprovalEnd.approval_id == Approval.id, ApprovalEnd.kind == End.RELEASED))
        .join(Grade, Grade.id == Approval.grade_id)
        .join(Placement, Placement.id == Grade.placement_id)
        .where(
            Grade.placement_id == placement_id,
            Grade.person_id == viewer.person_id,
            Placement.course_id == viewer.course_id,
        )
        .order_by(Approval.grade_version.desc())
        .limit(1)
    )


def is_approved(session: Session, *, placement_id: UUID, person_id: int) -> bool:
    """Whether a person's grade as it stands was approved, released or not."""
    found = (
        select(Approval.id)
        .join(Grade, and_(Grade.id == Approval.grade_id, Grade.version == Approval.grade_version))
        .where(Grade.placement_id == placement_id, Grade.person_id == person_id)
    )
    return session.scalar(found) is not None


def graded_placement(session: Session, viewer: Viewer, placement_id: UUID) -> Placement:
    """A placement of the viewer's course that has points, for somebody who may grade."""
    viewer.require(Capability.GRADE)
    placement = session.scalar(
        select(Placement).where(Placement.id == placement_id, Placement.course_id == viewer.course_id)
    )
    if placement is None:
        raise NotFound("placement_unknown")
    if placement.points is None:
        raise InvalidInput("placement_ungraded", "This activity has no points.")
    return placement


def check_not_own(viewer: Viewer, person_id: int) -> None:
    """Raises NotAllowed (`own_grade`)."""
    if viewer.person_id == person_id:
        raise NotAllowed("own_grade", "You cannot grade yourself.")


def _check_member(session: Session, viewer: Viewer, person_id: int) -> None:
    """The membership is locked as well: two first grades of a person at once would both be inserted."""
    member = select(Membership.id).where(Membership.course_id == viewer.course_id, Membership.person_id == person_id)
    if session.scalar(member.with_for_update(of=Membership)) is None:
        raise NotFound("person_unknown", "This person is not in the course.")


def _checked_points(points: Decimal, maximum: Decimal) -> Decimal:
    if not points.is_finite() or not 0 <= points <= maximum:
        raise InvalidInput("points_out_of_range", "The points must be from 0 to %(maximum)s.", {"maximum": maximum})
    if points != points.quantize(STEP):
        raise InvalidInput("points_too_fine", "Points have at most three decimals.")
    return points.quantize(STEP)


def _checked_comment(comment: str) -> str:
    """No NUL, which neither the database nor a platform can hold."""
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        raise InvalidInput(
            "comment_unusable",
            "A comment has at most %(longest_comment)s characters.",
            {"longest_comment": LONGEST_COMMENT},
        )
    return comment.strip()
