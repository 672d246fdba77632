"""Send one approved grade to a Moodle assignment, once: look before, save, and read back what Moodle kept.

`mod_assign_save_grade` answers null also when nothing was saved (a locked or overridden grade), and tells the student
each time: so a push whose sender fell silent is read back first, and only what is read back counts as sent. Work that
was changed in Moodle since it was marked is not graded: the person who approved has not seen it.
"""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.gradebook.assignments.answers import failed_call
from lti_tool.gradebook.assignments.fields import comment_html, grade_fields
from lti_tool.gradebook.assignments.filled import has_fillings
from lti_tool.gradebook.assignments.held import HeldGrade, WorkNow, held_grades, work_now
from lti_tool.gradebook.assignments.models import GradingMethod, WorkflowState
from lti_tool.gradebook.deliveries import AssignmentDelivery, Sent
from lti_tool.lti.scores import Outcome, ScoreAnswer
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.functions import SAVE_GRADE
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature

LATELY = timedelta(days=3)
"""Longer than a push is tried: grades before that are not asked for."""
SUBMITTED = "submitted"
TAG = re.compile("<[^>]*>")
ACCEPTED = ScoreAnswer(outcome=Outcome.ACCEPTED, code=200, reason="read_back")


def send_to_assignment(runtime: Runtime, delivery: AssignmentDelivery, *, connect: Connect = guarded) -> Sent:
    """Bring a claimed grade to Moodle; never raises for what Moodle or a switch may do."""
    try:
        with transaction(runtime.engine) as session:
            course = find_moodle_course(session, runtime.secrets, delivery.course_id)
        if course is None:
            return Sent(answer=_refused("no_token", Outcome.UNAUTHORISED))
        with MoodleClient(runtime.engine, course.access, connect=connect, features=(Feature.GRADE_PUSH,)) as client:
            return Sent(answer=_send(client, delivery))
    except NotAllowed as error:
        if error.code != "feature_off":
            raise
        return Sent(answer=ScoreAnswer(outcome=Outcome.BUSY, reason=error.code), is_switched_off=True)
    except PlatformFailed as error:
        return Sent(answer=failed_call(error, may_have_arrived=False))


def _send(client: MoodleClient, delivery: AssignmentDelivery) -> ScoreAnswer:
    work = work_now(client, delivery.number, delivery.score.user_id, is_team=delivery.is_team)
    if delivery.is_uncertain and _is_kept(client, delivery, work):
        return ACCEPTED
    if reason := _refusal(delivery, work):
        return _refused(reason)
    if not delivery.is_live:
        return ScoreAnswer(outcome=Outcome.BUSY, reason="lease_over")
    try:
        client.call(SAVE_GRADE, **grade_fields(delivery, _workflow_state(delivery, work)))
    except PlatformFailed as error:
        return failed_call(error, may_have_arrived=True)
    return _read_back(client, delivery)


def _read_back(client: MoodleClient, delivery: AssignmentDelivery) -> ScoreAnswer:
    """Silence now leaves open what was kept, and the next try begins by reading."""
    try:
        work = work_now(client, delivery.number, delivery.score.user_id, is_team=delivery.is_team)
        is_kept = _is_kept(client, delivery, work)
    except PlatformFailed as error:
        return replace(failed_call(error, may_have_arrived=True), outcome=Outcome.UNKNOWN)
    return ACCEPTED if is_kept else _refused("not_kept")


def _is_kept(client: MoodleClient, delivery: AssignmentDelivery, work: WorkNow) -> bool:
    """Points, words and fillings, as far as Moodle tells them: words only once it shows them to the student."""
    marked = delivery.marked
    attempt = marked.attempt if marked and marked.is_in_moodle else work.attempt
    is_same = _has_points(client, delivery, work, attempt) and _has_words(delivery, work.comments.get(attempt))
    return is_same and has_fillings(client, delivery)


def _has_points(client: MoodleClient, delivery: AssignmentDelivery, work: WorkNow, attempt: int) -> bool:
    since = int((now() - LATELY).timestamp())
    latest = held_grades(client, delivery.number, delivery.maximum, since=since).get(delivery.score.user_id)
    beside = work.grades.get(attempt)
    told = [latest] if latest and attempt == work.attempt else []
    told += [HeldGrade(score=beside, maximum=delivery.maximum)] if beside is not None else []
    return any(grade.agrees_with(delivery.score.points, delivery.score.maximum) for grade in told)


def _has_words(delivery: AssignmentDelivery, told: str | None) -> bool:
    return told is None or _words(told) == _words(comment_html(delivery))


def _words(html: str) -> list[str]:
    """Moodle may write the same words with other tags and entities."""
    return unescape(TAG.sub(" ", html)).split()


def _refusal(delivery: AssignmentDelivery, work: WorkNow) -> str:
    """Why this grade is not for what stands in Moodle now; empty where it is."""
    marked = delivery.marked
    if delivery.method != GradingMethod.POINTS and (marked is None or not marked.fillings):
        return "rubric_unfilled"
    if marked is None or marked.is_on_paper:
        return "work_changed" if work.status == SUBMITTED else ""
    if work.attempt != marked.attempt:
        return "attempt_over"
    if work.status != SUBMITTED or work.changed_at > marked.changed_at:
        return "work_changed"
    return ""


def _workflow_state(delivery: AssignmentDelivery, work: WorkNow) -> str:
    """What is released stays so; anything else goes as far as the teacher said, never further."""
    if delivery.workflow_state is None:
        return ""
    return WorkflowState.RELEASED if work.workflow == WorkflowState.RELEASED else delivery.workflow_state


def _refused(reason: str, outcome: Outcome = Outcome.REFUSED) -> ScoreAnswer:
    return ScoreAnswer(outcome=outcome, reason=reason)
