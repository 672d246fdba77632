"""A class that handed in, and papers drawn to be graded blind."""

from collections.abc import Callable

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.models import SampledPaper, SampleReason
from lti_tool.grading.models import Submission
from tests.fixtures.people import House

Draw = Callable[..., None]


@pytest.fixture
def drawn(house: House, activity: Placement) -> Draw:
    """drawn(submission, ...) puts them into the blind sample."""

    def made(*submissions: Submission) -> None:
        house.session.add_all(
            SampledPaper(
                placement_id=activity.id, submission_id=submission.id, position=position, reason=SampleReason.LENGTH
            )
            for position, submission in enumerate(submissions, start=1)
        )
        house.session.flush()

    return made
