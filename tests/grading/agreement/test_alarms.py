"""Length bias is said aloud, and only when there is enough to say it of."""

import math
from collections.abc import Sequence

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.grading.agreement.alarms import Alarm, alarms_of
from lti_tool.grading.agreement.pairs import PaperPair
from lti_tool.grading.models import Submission
from lti_tool.grading.second_opinion.models import Opinion, Training
from tests.fixtures.people import House
from tests.grading.conftest import Classroom

PAPERS = 20


@pytest.fixture
def works(house: House, activity: Placement, classroom: Classroom) -> list[Submission]:
    """Each ten words longer than the one before."""
    made = classroom(*(f"answer {number}" for number in range(PAPERS)))
    training = Training(placement_id=activity.id, papers=PAPERS, others=0, trained_at=now())
    training.opinions = [
        Opinion(submission_id=work.id, words=10 * (place + 1), points=5, low=4, high=6)
        for place, work in enumerate(made)
    ]
    house.session.add(training)
    house.session.flush()
    return made


def pairs(works: Sequence[Submission], said: Sequence[float], approved: Sequence[float]) -> list[PaperPair]:
    return [
        PaperPair(submission_id=work.id, total=total, criteria={}, at=now())
        for work, total in zip(works, zip(said, approved, strict=True), strict=True)
    ]


BY_LENGTH = [math.log1p(10 * (place + 1)) for place in range(PAPERS)]
BY_CONTENT = [float(place * 7 % 10) for place in range(PAPERS)]


def test_an_opinion_that_only_counts_words_is_told(house: House, activity: Placement, works: list[Submission]) -> None:
    opinion = pairs(works, BY_LENGTH, BY_LENGTH)
    assert alarms_of(house.session, activity, opinion, []) == [Alarm.HARDLY_BETTER]


def test_an_opinion_that_sees_more_than_words_is_not(
    house: House, activity: Placement, works: list[Submission]
) -> None:
    assert alarms_of(house.session, activity, pairs(works, BY_CONTENT, BY_CONTENT), []) == []


def test_an_assistant_that_pays_by_the_word_is_told(house: House, activity: Placement, works: list[Submission]) -> None:
    assisted = pairs(works, BY_LENGTH, BY_CONTENT)
    assert alarms_of(house.session, activity, [], assisted) == [Alarm.PAYS_BY_THE_WORD]


def test_of_a_handful_nothing_is_said(house: House, activity: Placement, works: list[Submission]) -> None:
    few = pairs(works[:9], BY_LENGTH[:9], BY_CONTENT[:9])
    assert alarms_of(house.session, activity, few, few) == []
