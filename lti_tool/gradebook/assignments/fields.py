"""The arguments of `mod_assign_save_grade` for one approved grade, as Moodle 4.5 wants them.

Never "apply to all": a grade reaches the one person for whom somebody approved it, also in a team. With a rubric or
guide Moodle calculates the grade from the fillings and ignores `grade`. The comment must always be there: Moodle's
feedback plugin reads it unguarded.
"""

from html import escape
from typing import Any

from lti_tool.gradebook.assignments.marked import Filling
from lti_tool.gradebook.assignments.models import GradingMethod
from lti_tool.gradebook.deliveries import AssignmentDelivery

HTML, MOODLES_OWN = 1, 0
LATEST = -1


def grade_fields(delivery: AssignmentDelivery, workflow_state: str) -> dict[str, Any]:
    """All arguments; `attemptnumber` is that of the marked work."""
    marked = delivery.marked
    fields: dict[str, Any] = {
        "assignmentid": delivery.number,
        "userid": delivery.score.user_id,
        "grade": f"{delivery.score.points / delivery.score.maximum * delivery.maximum:.5f}",
        "attemptnumber": marked.attempt if marked and marked.is_in_moodle else LATEST,
        "addattempt": False,
        "workflowstate": workflow_state,
        "applytoall": False,
        "plugindata": {"assignfeedbackcomments_editor": {"text": comment_html(delivery), "format": HTML}},
    }
    if delivery.method != GradingMethod.POINTS and delivery.marked:
        criteria = [_filling(filling, delivery.method) for filling in delivery.marked.fillings]
        fields["advancedgradingdata"] = {delivery.method: {"criteria": criteria}}
    return fields


def _filling(filling: Filling, method: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "criterionid": filling.criterion,
        "remark": filling.remark,
        "remarkformat": MOODLES_OWN,
    }
    if method == GradingMethod.GUIDE:
        values["score"] = f"{filling.points:f}"
    else:
        values["levelid"] = filling.level
    return {"criterionid": filling.criterion, "fillings": [values]}


def comment_html(delivery: AssignmentDelivery) -> str:
    """The words for Moodle. Where it shows the rubric itself, those about the whole are enough."""
    is_shown = delivery.method != GradingMethod.POINTS and delivery.marked is not None
    text = delivery.marked.feedback if is_shown and delivery.marked else delivery.score.comment
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    return "".join(f"<p>{'<br>'.join(escape(part).splitlines())}</p>" for part in paragraphs)
