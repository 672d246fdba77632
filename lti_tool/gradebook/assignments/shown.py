"""What Moodle's gradebook shows for an assignment: a teacher may change a grade there, and the assignment never learns.

One question a course; hidden grades and those that wait in a marking workflow are not among the answers.
"""

from decimal import Decimal

from lti_tool.errors import PlatformFailed
from lti_tool.gradebook.assignments.held import HeldGrade
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import GRADE_ITEMS
from lti_tool.moodle.refusals import NO_MOODLE


def shown_grades(client: MoodleClient, course: int, assignment: int) -> dict[str, HeldGrade]:
    """Grades by user id; raises as the call does, also where the token's service lacks it."""
    try:
        return {
            str(person["userid"]): HeldGrade(
                score=Decimal(str(item["graderaw"])), maximum=Decimal(str(item["grademax"]))
            )
            for person in client.call(GRADE_ITEMS, courseid=course)["usergrades"]
            for item in person["gradeitems"]
            if (item.get("itemmodule"), item.get("iteminstance")) == ("assign", assignment)
            and item.get("itemnumber") in {0, None}
            and item.get("graderaw") is not None
        }
    except (KeyError, TypeError, ArithmeticError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error
