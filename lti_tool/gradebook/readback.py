"""What the platform shows after a push: Moodle answers 200 to a grade that a teacher overrode, and keeps its own.

Few people of a column are asked for one by one; a class in one answer, without `limit`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Person, ResourceLink
from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.gradebook.batch import push_clearance
from lti_tool.gradebook.models import Approval, Push, PushStatus
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.results import Result, find_result, read_results
from lti_tool.lti.services import PlatformConnector
from lti_tool.runtime import Runtime

FEW = 4
AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Unread:
    """The pushes of one column whose results are due."""

    line_item_url: str
    course_id: int
    access: PlatformAccess
    people: dict[int, str]


def read_back_due(runtime: Runtime) -> None:
    """Compare what the platform holds with what was sent, column by column."""
    with transaction(runtime.engine) as session:
        columns = _unread(session)
    for column in columns:
        results = _results(runtime, column)
        with transaction(runtime.engine) as session:
            for push_id, user_id in column.people.items():
                compare(session, push_id, results.get(user_id))


def _unread(session: Session) -> list[Unread]:
    rows = session.execute(
        select(Push.id, Person.sub, ResourceLink.line_item_url, Course.id, Registration)
        .join(Person, Person.id == Push.person_id)
        .join(ResourceLink, ResourceLink.id == Push.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Push.is_result_due, Push.status.in_([PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN]))
        .where(ResourceLink.line_item_url.is_not(None))
        .order_by(Push.id)
        .limit(AT_ONCE)
    ).all()
    columns: dict[tuple[str, int], Unread] = {}
    for push_id, user_id, url, course_id, registration in rows:
        access = PlatformAccess.of(registration)
        column = Unread(line_item_url=str(url), course_id=course_id, access=access, people={})
        columns.setdefault((column.line_item_url, course_id), column).people[push_id] = user_id
    return list(columns.values())


def _results(runtime: Runtime, column: Unread) -> dict[str, Result]:
    """Nothing where the platform does not tell: the page then says so, and nobody is accused of overriding."""
    connector = PlatformConnector(push_clearance(runtime, column.access, column.course_id))
    try:
        if len(column.people) > FEW:
            return read_results(connector, column.line_item_url)
        found = [find_result(connector, column.line_item_url, user_id) for user_id in column.people.values()]
        return {result.user_id: result for result in found if result}
    except (PlatformFailed, NotAllowed):
        return {}
    finally:
        connector.close()


class Shown(Protocol):
    """What a platform shows of one person's grade."""

    @property
    def score(self) -> Decimal | None: ...

    @property
    def maximum(self) -> Decimal | None: ...

    def agrees_with(self, points: Decimal, maximum: Decimal) -> bool: ...


def compare(session: Session, push_id: int, result: Shown | None) -> None:
    """Write down what the platform shows, and whether it is what was sent; None where it does not tell."""
    push = session.scalar(
        select(Push)
        .where(Push.id == push_id, Push.is_result_due, Push.status.in_([PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN]))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if push is None:
        return
    push.is_result_due, push.result_read_at = False, now()
    push.result_score = result.score if result else None
    push.result_maximum = result.maximum if result else None
    if result is not None:
        approval = session.scalars(
            select(Approval).where(Approval.grade_id == push.grade_id, Approval.grade_version == push.grade_version)
        ).one()
        agrees = result.agrees_with(approval.points, approval.maximum)
        push.status = PushStatus.SUCCEEDED if agrees else PushStatus.OVERRIDDEN
