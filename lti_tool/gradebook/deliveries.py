"""A claimed push as values, with all that sending it needs: no transaction is open while the platform answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Person, ResourceLink
from lti_tool.db import now
from lti_tool.gradebook.models import Approval, Push
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.scores import Score, ScoreAnswer

LONGEST_REQUEST = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One approved grade on its way to one gradebook column."""

    push_id: int
    lease: UUID
    leased_until: datetime
    course_id: int
    placement_id: UUID | None
    resource_link: str
    line_item_url: str | None
    line_items_url: str | None
    version: int
    score: Score
    is_uncertain: bool
    access: PlatformAccess

    @property
    def is_live(self) -> bool:
        """Whether a request may still start: its answer must come before another sender may be at work."""
        return now() < self.leased_until - LONGEST_REQUEST


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of a delivery; `platform_timestamp` is how far the platform's own clock for this person is."""

    answer: ScoreAnswer
    line_item_url: str | None
    platform_timestamp: datetime | None = None
    is_switched_off: bool = False


def deliveries_of(session: Session, push_ids: list[int]) -> list[Delivery]:
    """The claimed pushes, those due longest first."""
    rows = session.execute(
        select(Push, Approval, ResourceLink, Course, Registration, Person.sub)
        .join(Approval, and_(Approval.grade_id == Push.grade_id, Approval.grade_version == Push.grade_version))
        .join(ResourceLink, ResourceLink.id == Push.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .join(Person, Person.id == Push.person_id)
        .where(Push.id.in_(push_ids))
        .order_by(Push.next_try_at, Push.id)
        .execution_options(populate_existing=True)
    ).all()
    return [_delivery(*row) for row in rows]


def _delivery(
    push: Push, approval: Approval, link: ResourceLink, course: Course, registration: Registration, sub: str
) -> Delivery:
    assert push.lease and push.leased_until and push.last_timestamp
    return Delivery(
        push_id=push.id,
        lease=push.lease,
        leased_until=push.leased_until,
        course_id=course.id,
        placement_id=link.placement_id,
        resource_link=link.resource_link_id,
        line_item_url=link.line_item_url,
        line_items_url=course.line_items_url,
        version=push.grade_version,
        score=_score(push.last_timestamp, approval, sub),
        is_uncertain=push.is_uncertain,
        access=PlatformAccess.of(registration),
    )


def _score(timestamp: datetime, approval: Approval, sub: str) -> Score:
    return Score(
        user_id=sub,
        points=approval.points,
        maximum=approval.maximum,
        comment=approval.comment,
        timestamp=timestamp,
    )
