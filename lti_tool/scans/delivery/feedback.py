"""Bring a scan or a marked copy as a feedback file, with the token of the course's service: look, save, look again.

Saving feedback replaces all of it, so what Moodle holds is said again word for word: before an approval no grade and
no comment, after it the very grade that gradebook sent. Where anything there is not ours, a person decides. While
Moodle's marking workflow holds feedback back it can neither be seen nor be saved without loss: the file waits for the
release there.
"""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from html import unescape
from typing import Any

from lti_tool.db import now
from lti_tool.gradebook.assignments.fields import comment_html, grade_fields
from lti_tool.gradebook.assignments.held import HeldGrade
from lti_tool.gradebook.assignments.models import GradingMethod, WorkflowState
from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.moodle.assignment_rules import AssignmentRules, find_rules
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.definitions import MoodleDefinition, find_definition
from lti_tool.moodle.functions import SAVE_GRADE
from lti_tool.moodle.standing import Feedback, Standing, standing_of
from lti_tool.scans.delivery.comparing import are_there, fingerprint_of
from lti_tool.scans.delivery.journal import Journal
from lti_tool.scans.delivery.own_work import DRAFT_LIVES
from lti_tool.scans.delivery.parcels import Parcel
from lti_tool.scans.delivery.states import StepKind
from lti_tool.scans.delivery.verdicts import HELD_WAIT, SOON, Verdict, blocked, confirmed, conflict, later

NO_GRADE, LATEST, HTML = -1, -1, 1
TAG = re.compile("<[^>]*>")


def deliver_feedback(client: MoodleClient, parcel: Parcel, journal: Journal) -> Verdict:
    """Bring the files as far as they are not there yet; raises as the calls do."""
    if parcel.is_grade_due:
        return later("grade_first", SOON)
    rules = find_rules(client, parcel.course, parcel.number)
    if rules is None:
        return blocked("assignment_gone")
    standing = _look(client, parcel, journal, StepKind.LOOKED)
    if verdict := _end(client, parcel, rules, standing):
        return verdict
    draft = _draft(client, parcel, journal)
    fields = _fields(client, parcel, rules, standing, draft)
    journal.note(StepKind.SAVED)
    client.call(SAVE_GRADE, **fields)
    standing = _look(client, parcel, journal, StepKind.READ_BACK)
    if not _holds(client, parcel, standing.feedback):
        return blocked("not_kept")
    return _is_there(standing) if _says_same(parcel.grade, standing.feedback) else conflict("grade_changed")


def _look(client: MoodleClient, parcel: Parcel, journal: Journal, step: StepKind) -> Standing:
    standing = standing_of(client, parcel.number, parcel.user)
    journal.note(step, f"files:{len(standing.feedback.files) if standing.feedback else 0}")
    return standing


def _end(client: MoodleClient, parcel: Parcel, rules: AssignmentRules, standing: Standing) -> Verdict | None:
    """Where nothing is left to do, or nothing may be done."""
    if reason := _closed(rules):
        return blocked(reason)
    if rules.listed.has_workflow and standing.workflow != WorkflowState.RELEASED:
        return later("workflow", HELD_WAIT)
    if not _says_same(parcel.grade, standing.feedback):
        return conflict("grade_changed" if parcel.grade else "feedback_there")
    if _holds(client, parcel, standing.feedback):
        return _is_there(standing)
    if standing.feedback and not _are_ours(client, parcel, standing.feedback):
        return conflict("feedback_there")
    return None


def _closed(rules: AssignmentRules) -> str:
    reasons = (
        ("assignment_team", rules.listed.is_team),
        ("assignment_blind", rules.listed.is_blind),
        ("gives_no_files", not rules.gives_files),
        ("would_reopen", rules.is_reopened_by_grades),
    )
    return next((reason for reason, is_so in reasons if is_so), "")


def _holds(client: MoodleClient, parcel: Parcel, feedback: Feedback | None) -> bool:
    return feedback is not None and are_there(client, feedback.files, parcel.files)


def _are_ours(client: MoodleClient, parcel: Parcel, feedback: Feedback) -> bool:
    """Whether each file there is one that we brought: an earlier marked copy may be replaced, nothing else."""
    names = {file.name for file in parcel.files}
    known = parcel.known | {file.sha256 for file in parcel.files}
    return all(file.name in names and fingerprint_of(client, file) in known for file in feedback.files)


def _says_same(grade: AssignmentDelivery | None, feedback: Feedback | None) -> bool:
    """Whether Moodle holds the grade and the words that were approved, or none where none were."""
    points = feedback.points if feedback else None
    if grade is None:
        return points is None and not (feedback and _words(feedback.comment))
    if feedback is None or points is None:
        return False
    held = HeldGrade(score=points, maximum=grade.maximum)
    is_same = held.agrees_with(grade.score.points, grade.score.maximum)
    return is_same and _words(feedback.comment) == _words(comment_html(grade))


def _draft(client: MoodleClient, parcel: Parcel, journal: Journal) -> int:
    """The draft area that holds all the files: the one of an earlier try while Moodle keeps it."""
    if parcel.draft and parcel.drafted_at and now() - parcel.drafted_at < DRAFT_LIVES:
        return parcel.draft
    journal.note(StepKind.UPLOADED, "begun")
    draft = 0
    with ExitStack() as opened:
        for file in parcel.files:
            draft = client.upload(opened.enter_context(file.path.open("rb")), file.name, draft=draft)
    journal.note(StepKind.UPLOADED, "kept", draft=draft, drafted_at=now())
    return draft


def _fields(
    client: MoodleClient, parcel: Parcel, rules: AssignmentRules, standing: Standing, draft: int
) -> dict[str, Any]:
    """The arguments of `mod_assign_save_grade`: what stands there now, with the files."""
    workflow = standing.workflow if rules.listed.has_workflow else ""
    if parcel.grade:
        fields = grade_fields(parcel.grade, workflow)
    else:
        fields = _without_grade(parcel, workflow, find_definition(client, parcel.module))
    fields["plugindata"]["files_filemanager"] = draft
    return fields


def _without_grade(parcel: Parcel, workflow: str, definition: MoodleDefinition | None) -> dict[str, Any]:
    """A rubric is filled with nothing; for a guide Moodle demands points, so it is left out, which means the same."""
    fields: dict[str, Any] = {
        "assignmentid": parcel.number,
        "userid": parcel.user,
        "grade": NO_GRADE,
        "attemptnumber": LATEST,
        "addattempt": False,
        "workflowstate": workflow,
        "applytoall": False,
        "plugindata": {"assignfeedbackcomments_editor": {"text": "", "format": HTML}},
    }
    if definition and definition.method == GradingMethod.RUBRIC:
        empty = [_unfilled(criterion) for criterion in _criteria(definition)]
        fields["advancedgradingdata"] = {definition.method: {"criteria": empty}}
    return fields


def _criteria(definition: MoodleDefinition) -> Iterable[int]:
    return [int(criterion["id"]) for criterion in definition.content["rubric"]["rubric_criteria"]]


def _unfilled(criterion: int) -> dict[str, Any]:
    return {"criterionid": criterion, "fillings": [{"criterionid": criterion, "remark": "", "remarkformat": HTML}]}


def _words(html: str) -> list[str]:
    """Moodle may write the same words with other tags and entities."""
    return unescape(TAG.sub(" ", html)).split()


def _is_there(standing: Standing) -> Verdict:
    told = standing.feedback
    return confirmed(attempt=told.attempt if told else 0, changed_at=told.changed_at if told else 0)
