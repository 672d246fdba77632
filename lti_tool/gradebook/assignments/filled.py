"""Does Moodle's rubric or guide hold the fillings that were sent? Asked only where the token's service can tell.

Other levels may make the same points, and Moodle answers null also where it kept none of them.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.gradebook.assignments.marked import Filling
from lti_tool.gradebook.assignments.models import GradingMethod
from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import DEFINITIONS, GRADES, INSTANCES
from lti_tool.moodle.refusals import NO_MOODLE, MoodleRefused

IN_FORCE = 1
AREA = "submissions"


def has_fillings(client: MoodleClient, delivery: AssignmentDelivery) -> bool:
    """True also where Moodle does not tell; raises as the calls do."""
    wanted = delivery.marked.fillings if delivery.marked else ()
    if delivery.method == GradingMethod.POINTS or not wanted:
        return True
    try:
        told = _told(client, delivery)
    except MoodleRefused:
        return True
    return told is None or all(_agrees(filling, told.get(filling.criterion)) for filling in wanted)


def _told(client: MoodleClient, delivery: AssignmentDelivery) -> dict[int, Mapping[str, Any]] | None:
    """The fillings in force of this person's latest grade, by criterion; None where there are none to see."""
    try:
        grades = client.call(GRADES, assignmentids=[delivery.number])["assignments"]
        numbers = [
            each["id"] for of in grades for each in of["grades"] if str(each["userid"]) == delivery.score.user_id
        ]
        areas = client.call(DEFINITIONS, cmids=[delivery.module], areaname=AREA)["areas"]
        forms = [each["id"] for area in areas for each in area["definitions"] if each["method"] == delivery.method]
        if not numbers or not forms:
            return None
        kept = client.call(INSTANCES, definitionid=forms[0])["instances"]
        found = [each for each in kept if each["itemid"] in numbers and each["status"] == IN_FORCE]
        return {int(each["criterionid"]): each for form in found for each in form[delivery.method]["criteria"]} or None
    except (KeyError, TypeError, ValueError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _agrees(filling: Filling, told: Mapping[str, Any] | None) -> bool:
    if told is None or (told.get("remark") or "").split() != filling.remark.split():
        return False
    if filling.level is not None:
        return bool(told.get("levelid") == filling.level)
    try:
        return Decimal(str(told.get("score"))) == filling.points
    except InvalidOperation:
        return False
