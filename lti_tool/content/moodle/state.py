"""What the material page says about Moodle: is there a token, whose, and how did the latest reading go."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import may_be_in_moodle, platform_id_of
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.moodle.tokens import find_token_in_force

UNFINISHED = frozenset({ReadingState.TODO, ReadingState.DOING})


@dataclass(frozen=True, kw_only=True)
class MoodleStanding:
    """`is_possible` is false on platforms that are no Moodle: the page then says nothing of it."""

    is_possible: bool
    has_token: bool
    is_by_own_token: bool
    reading: MoodleReading | None

    @property
    def is_unfinished(self) -> bool:
        return self.reading is not None and self.reading.state in UNFINISHED


def moodle_standing(session: Session, course_id: int) -> MoodleStanding:
    """For one course."""
    course = session.get_one(Course, course_id)
    kept = find_token_in_force(session, platform_id=platform_id_of(course), course_id=course_id)
    return MoodleStanding(
        is_possible=may_be_in_moodle(course),
        has_token=kept is not None,
        is_by_own_token=kept is not None and kept.course_id is not None,
        reading=session.get(MoodleReading, course_id, populate_existing=True),
    )
