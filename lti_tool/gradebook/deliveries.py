"""A claimed push as values, with all that sending it needs: no transaction is open while the platform answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Person, ResourceLink
from lti_tool.db import now
from lti_tool.gradebook.assignments.marked import Marked, find_marked
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.models import Approval, Push, PushStatus
from lti_tool.gradebook.summary import summary
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.course_modules import address_of
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.scores import MOODLE, Score, ScoreAnswer

LONGEST_REQUEST = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One approved grade on its way."""

    push_id: int
    lease: UUID
    leased_until: datetime
    course_id: int
    placement_id: UUID | None
    version: int
    score: Score
    is_uncertain: bool

    @property
    def is_live(self) -> bool:
        """Whether a request may still start: its answer must come before another sender may be at work."""
        return now() < self.leased_until - LONGEST_REQUEST

    @property
    def product_family(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ColumnDelivery(Delivery):
    """To a gradebook column, by LTI."""

    resource_link: str
    line_item_url: str | None
    line_items_url: str | None
    access: PlatformAccess

    @property
    def product_family(self) -> str:
        return self.access.product_family


@dataclass(frozen=True, kw_only=True)
class AssignmentDelivery(Delivery):
    """To a Moodle assignment, by web services; the token is read when the call goes out."""

    number: int
    module: int
    maximum: Decimal
    method: str
    is_team: bool
    workflow_state: str | None
    marked: Marked | None

    @property
    def product_family(self) -> str:
        return MOODLE


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of a delivery; `platform_timestamp` is how far the platform's own clock for this person is."""

    answer: ScoreAnswer
    line_item_url: str | None = None
    platform_timestamp: datetime | None = None
    is_switched_off: bool = False


def deliveries_of(session: Session, push_ids: list[int]) -> list[Delivery]:
    """The claimed pushes, those due longest first."""
    columns = session.execute(
        _claimed(push_ids, Push, Approval, Person.sub, ResourceLink, Course, Registration)
        .join(ResourceLink, ResourceLink.id == Push.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
    ).all()
    assignments = session.execute(
        _claimed(push_ids, Push, Approval, Person.sub, MoodleAssignment).join(
            MoodleAssignment, MoodleAssignment.id == Push.moodle_assignment_id
        )
    ).all()
    return [_to_column(*row) for row in columns] + [_to_assignment(session, *row) for row in assignments]


def held_of_ours(session: Session, assignment: MoodleAssignment, person_id: int) -> AssignmentDelivery | None:
    """The grade of ours that this assignment holds, as it was sent; None where there is none."""
    push = session.scalar(select(Push).where(Push.moodle_assignment_id == assignment.id, Push.person_id == person_id))
    if push is None or push.status not in (PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN):
        return None
    approval, sub = session.execute(
        select(Approval, Person.sub)
        .join(Person, Person.id == Approval.person_id)
        .where(Approval.grade_id == push.grade_id, Approval.grade_version == push.grade_version)
    ).one()
    at = now()
    return AssignmentDelivery(
        push_id=push.id,
        lease=uuid4(),
        leased_until=at,
        version=push.grade_version,
        score=_score(push.last_timestamp or at, approval, sub, approval.comment),
        is_uncertain=False,
        **_of_assignment(session, push, assignment),
    )


def _claimed(push_ids: list[int], *wanted: Any) -> Select[Any]:
    return (
        select(*wanted)
        .select_from(Push)
        .join(Approval, and_(Approval.grade_id == Push.grade_id, Approval.grade_version == Push.grade_version))
        .join(Person, Person.id == Push.person_id)
        .where(Push.id.in_(push_ids))
        .order_by(Push.next_try_at, Push.id)
        .execution_options(populate_existing=True)
    )


def _to_column(
    push: Push, approval: Approval, sub: str, link: ResourceLink, course: Course, registration: Registration
) -> ColumnDelivery:
    platform = registration.platform
    address = address_of(platform.issuer, platform.product_family, link.course_module)
    return ColumnDelivery(
        **_common(push, approval, sub, summary(approval.comment, address)),
        course_id=course.id,
        placement_id=link.placement_id,
        resource_link=link.resource_link_id,
        line_item_url=link.line_item_url,
        line_items_url=course.line_items_url,
        access=PlatformAccess.of(registration),
    )


def _to_assignment(
    session: Session, push: Push, approval: Approval, sub: str, assignment: MoodleAssignment
) -> AssignmentDelivery:
    return AssignmentDelivery(
        **_common(push, approval, sub, approval.comment)
        | {"is_uncertain": push.is_uncertain and not _same_points_before(session, push, approval)},
        **_of_assignment(session, push, assignment),
    )


def _of_assignment(session: Session, push: Push, assignment: MoodleAssignment) -> dict[str, Any]:
    return {
        "course_id": assignment.course_id,
        "placement_id": assignment.placement_id,
        "number": assignment.number,
        "module": assignment.module,
        "maximum": assignment.maximum,
        "method": assignment.method,
        "is_team": assignment.is_team,
        "workflow_state": assignment.workflow_state if assignment.has_workflow else None,
        "marked": find_marked(session, push.grade_id, push.grade_version),
    }


def _same_points_before(session: Session, push: Push, approval: Approval) -> bool:
    """Moodle tells the points it holds, not the words: where only the words are new, equal points prove nothing."""
    before = select(Approval.points).where(
        Approval.grade_id == push.grade_id,
        Approval.grade_version == push.sent_version,
        Approval.grade_version < push.grade_version,
    )
    return session.scalar(before) == approval.points


def _common(push: Push, approval: Approval, sub: str, comment: str) -> dict[str, Any]:
    assert push.lease and push.leased_until and push.last_timestamp
    return {
        "push_id": push.id,
        "lease": push.lease,
        "leased_until": push.leased_until,
        "version": push.grade_version,
        "score": _score(push.last_timestamp, approval, sub, comment),
        "is_uncertain": push.is_uncertain,
    }


def _score(timestamp: datetime, approval: Approval, sub: str, comment: str) -> Score:
    return Score(
        user_id=sub,
        points=approval.points,
        maximum=approval.maximum,
        comment=comment,
        timestamp=timestamp,
    )
