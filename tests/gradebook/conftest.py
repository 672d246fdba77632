"""A graded activity, its teacher, and grades at every stage."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Grade
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of

Record = Callable[..., Grade]


@pytest.fixture
def teacher(house: House) -> Viewer:
    return viewer_of(house, "teacher")


@pytest.fixture
def record(house: House, teacher: Viewer) -> Record:
    """record(points="7.5", comment="Good", approved=False) -> the student's grade"""

    def recorded(points: str = "7.5", comment: str = "Good", *, approved: bool = False) -> Grade:
        grade = record_grade(
            house.session,
            teacher,
            placement_id=house.placements[PlacementKind.ACTIVITY].id,
            person_id=house.student.id,
            points=Decimal(points),
            comment=comment,
        )
        if approved:
            approve(house.session, teacher, grade)
        return grade

    return recorded
