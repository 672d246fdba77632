"""An approved grade on its way to Moodle: once, only what was approved, and believed only when it is read back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.assignments.readback import read_back_due
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.column import check_connection
from lti_tool.gradebook.models import Approval, Push, PushAttempt, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.resend import ask_platform, resend
from lti_tool.moodle.functions import GRADE_ITEMS, INSTANCES, SAVE_GRADE
from lti_tool.moodle.tokens import forget_token
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import NOW, rubric
from tests.fixtures.people import House
from tests.grading.assignments.conftest import Choose, Essay


@pytest.fixture
def on_rubric(chosen: Choose, services: FakeMoodle, user: int) -> Essay:
    """Marked on a rubric of ten points, for an assignment of fifty."""
    listed = services.assign()
    listed.hand_in(user)
    listed.define("rubric", rubric(("Clarity", 0, 1.5, 4), ("Reasons", 0, 6)))
    essay = chosen(listed)
    essay.fetch()
    return essay


def test_points_and_comment_arrive(essay: Essay, user: int) -> None:
    essay.approve("37.5", feedback="Good & <b>short</b>.\nOn two lines.\n\nGo on.")
    push = essay.send()
    assert (push.status, push.reason, push.sent_version) == (PushStatus.SUCCEEDED, "", 1)
    kept = essay.listed.grades[user, 0]
    assert kept["grade"] == 37.5
    assert kept["comment"] == "<p>Good &amp; &lt;b&gt;short&lt;/b&gt;.<br>On two lines.</p><p>Go on.</p>"


def test_it_reaches_nobody_else_in_a_team_and_opens_no_attempt(essay: Essay) -> None:
    essay.approve("10")
    essay.send()
    (form,) = essay.listed.saved
    assert (form["applytoall"], form["addattempt"], form["workflowstate"], form["attemptnumber"]) == ("0", "0", "", "0")


def test_a_rubric_goes_with_its_levels_and_remarks_and_makes_moodles_own_grade(on_rubric: Essay, user: int) -> None:
    on_rubric.approve("1", "1", feedback="Short.")
    assert on_rubric.send().status == PushStatus.SUCCEEDED
    (form,) = on_rubric.listed.saved
    prefix = "advancedgradingdata[rubric][criteria][0][fillings][0]"
    assert (form[f"{prefix}[levelid]"], form[f"{prefix}[remark]"]) == ("1101", "why")
    assert on_rubric.listed.grades[user, 0] == {"grade": 37.5, "comment": "<p>Short.</p>"}


def test_a_guide_goes_with_its_points(chosen: Choose, services: FakeMoodle, user: int) -> None:
    listed = services.assign()
    listed.hand_in(user)
    criterion = {"id": 31, "sortorder": 1, "shortname": "Reasons", "description": "", "maxscore": 8}
    listed.define("guide", {"guide_criteria": [criterion], "guide_comments": []})
    essay = chosen(listed)
    essay.fetch()
    essay.approve("6.5")
    assert essay.send().status == PushStatus.SUCCEEDED
    assert listed.grades[user, 0]["grade"] == 40.625


def test_what_lies_between_levels_is_refused_at_the_desk(on_rubric: Essay) -> None:
    with pytest.raises(InvalidInput, match="Choose a level for “Clarity”"):
        on_rubric.mark("2.25", "1")


def test_a_draft_is_never_sent(essay: Essay) -> None:
    essay.mark("30")
    assert claim(essay.session, 5) == [] and essay.listed.saved == []


def test_the_tables_refuse_a_push_that_nobody_approved(essay: Essay) -> None:
    grade = essay.mark("30")
    with pytest.raises(DBAPIError), essay.session.begin_nested():
        add_push(essay, grade.id, moodle_assignment_id=essay.assignment.id)


def test_the_tables_refuse_a_push_to_another_assignment(chosen: Choose, essay: Essay) -> None:
    grade = essay.approve("30")
    essay.session.execute(delete(Push))
    other = chosen(essay.moodle.assign()).assignment
    with pytest.raises(DBAPIError, match="its own placement"), essay.session.begin_nested():
        add_push(essay, grade.id, moodle_assignment_id=other.id)


def test_the_tables_refuse_a_push_with_two_targets_or_none(essay: Essay, house: House) -> None:
    grade = essay.approve("30")
    essay.session.execute(delete(Push))
    link = next(iter(house.links.values())).id
    for targets in ({"moodle_assignment_id": essay.assignment.id, "resource_link_id": link}, {}):
        with pytest.raises(DBAPIError), essay.session.begin_nested():
            add_push(essay, grade.id, **targets)


def add_push(essay: Essay, grade_id: int, **targets: int) -> None:
    values = {"person_id": essay.student.id, "grade_id": grade_id, "grade_version": 1, "status": "todo"}
    moments = {"next_try_at": now(), "give_up_at": now()}
    rest = {"attempts": 0, "conflicts": 0, "is_uncertain": False, "reason": "", "is_result_due": False}
    essay.session.execute(insert(Push).values(**values, **moments, **rest, **targets))


def test_null_is_no_proof_a_locked_grade_is_told(essay: Essay, user: int) -> None:
    essay.listed.locked.add(user)
    essay.approve("30")
    push = essay.send()
    assert (push.status, push.reason) == (PushStatus.FAILED, "not_kept")


def test_a_locked_grade_with_the_same_points_and_new_words_was_not_kept(essay: Essay, user: int) -> None:
    essay.approve("30", feedback="First.")
    essay.send()
    essay.listed.locked.add(user)
    essay.approve("30", feedback="Second thoughts.")
    push = essay.send()
    assert (push.status, push.reason, push.sent_version) == (PushStatus.FAILED, "not_kept", 1)


@pytest.mark.parametrize(("tells", "status"), [(True, PushStatus.FAILED), (False, PushStatus.SUCCEEDED)])
def test_other_levels_with_the_same_points_are_compared_where_moodle_tells_them(
    chosen: Choose, services: FakeMoodle, user: int, tells: bool, status: PushStatus
) -> None:
    listed = services.assign()
    listed.hand_in(user)
    listed.define("rubric", rubric(("Clarity", 0, 4), ("Reasons", 0, 4)))
    essay = chosen(listed)
    essay.fetch()
    essay.approve("1", "0")
    essay.send()
    if not tells:
        services.refusals[INSTANCES] = "accessexception"
    listed.locked.add(user)
    essay.approve("0", "1")
    assert essay.send().status == status


def test_in_a_workflow_the_words_are_believed_until_they_are_shown(
    chosen: Choose, services: FakeMoodle, user: int
) -> None:
    listed = services.assign(markingworkflow=1)
    listed.hand_in(user)
    essay = chosen(listed)
    essay.fetch()
    essay.approve("30", feedback="First.")
    assert essay.send().status == PushStatus.SUCCEEDED


def test_a_sender_that_died_after_saving_sends_nothing_twice(essay: Essay, user: int) -> None:
    essay.approve("30")
    send_to_assignment(essay.runtime, essay.claim())
    essay.session.execute(update(Push).values(leased_until=now() - timedelta(seconds=1)))
    assert essay.send().status == PushStatus.SUCCEEDED
    assert len(essay.listed.saved) == 1


def test_a_sender_that_died_before_saving_loses_nothing(essay: Essay, user: int) -> None:
    essay.approve("30")
    essay.claim()
    essay.session.execute(update(Push).values(leased_until=now() - timedelta(seconds=1)))
    assert essay.send().status == PushStatus.SUCCEEDED
    assert essay.listed.grades[user, 0]["grade"] == 30


def test_new_words_beside_the_same_points_survive_a_sender_that_died(essay: Essay, user: int) -> None:
    essay.approve("30", feedback="First.")
    essay.send()
    essay.approve("30", feedback="Second thoughts.")
    essay.claim()
    essay.session.execute(update(Push).values(leased_until=now() - timedelta(seconds=1)))
    assert essay.send().sent_version == 2
    assert essay.listed.grades[user, 0]["comment"] == "<p>Second thoughts.</p>"


def test_an_unreadable_answer_to_the_saving_is_read_back_next_time(essay: Essay) -> None:
    essay.approve("30")
    essay.moodle.raw[SAVE_GRADE] = (502, b"bad gateway")
    push = essay.send()
    assert (push.status, push.is_uncertain) == (PushStatus.TODO, True)
    essay.moodle.raw.clear()
    assert essay.send().status == PushStatus.SUCCEEDED


def test_a_moodle_that_is_down_is_tried_again_without_doubt(essay: Essay) -> None:
    essay.approve("30")
    essay.moodle.raw["mod_assign_get_submission_status"] = (503, b"down")
    push = essay.send()
    assert (push.status, push.is_uncertain, push.reason) == (PushStatus.TODO, False, "platform_busy")


@pytest.mark.parametrize(
    ("errorcode", "reason"),
    [
        ("invalidtoken", "moodle_token"),
        ("accessexception", "moodle_function:mod_assign_save_grade"),
        ("nopermissions", "moodle_permission"),
        ("requireloginerror", "moodle_course"),
        ("invalidrecord", "assignment_gone"),
        ("somethingelse", "moodle_somethingelse"),
    ],
)
def test_a_refusal_in_words_ends_the_push_with_a_reason(essay: Essay, errorcode: str, reason: str) -> None:
    essay.approve("30")
    essay.moodle.refusals[SAVE_GRADE] = errorcode
    push = essay.send()
    assert (push.status, push.reason, push.is_uncertain) == (PushStatus.FAILED, reason, False)


def test_maintenance_passes(essay: Essay) -> None:
    essay.approve("30")
    essay.moodle.refusals[SAVE_GRADE] = "sitemaintenance"
    assert essay.send().status == PushStatus.TODO


@pytest.mark.parametrize("feature", [Feature.GRADE_PUSH, Feature.MOODLE_WEB_SERVICES])
def test_each_of_two_switches_stops_every_call_and_the_grade_waits(essay: Essay, feature: Feature) -> None:
    essay.approve("30")
    write(essay.session, SWITCHES[feature], False)
    essay.moodle.calls.clear()
    push = essay.send()
    assert essay.moodle.calls == []
    assert (push.status, push.reason, push.attempts) == (PushStatus.TODO, "feature_off", 0)
    write(essay.session, SWITCHES[feature], True)
    assert essay.send().status == PushStatus.SUCCEEDED


def test_without_a_token_the_push_says_so(essay: Essay, house: House) -> None:
    essay.approve("30")
    forget_token(essay.session, platform_id=house.platform.id, course_id=house.course.id)
    push = essay.send()
    assert (push.status, push.reason) == (PushStatus.FAILED, "no_token")


def test_work_that_was_changed_since_is_not_graded(essay: Essay, user: int) -> None:
    essay.approve("30")
    essay.listed.hand_in(user, "<p>Something else</p>", changed_at=NOW + 60)
    push = essay.send()
    assert (push.status, push.reason, essay.listed.saved) == (PushStatus.FAILED, "work_changed", [])
    essay.fetch()
    essay.approve("40")
    assert essay.send().status == PushStatus.SUCCEEDED


def test_work_that_was_taken_back_is_not_graded(essay: Essay, user: int) -> None:
    essay.approve("30")
    essay.listed.hand_in(user, status="draft")
    assert essay.send().reason == "work_changed"


def test_an_attempt_that_its_grade_reopened_counts_and_is_over_then(essay: Essay) -> None:
    essay.listed.reopens = True
    essay.approve("20")
    assert essay.send().status == PushStatus.SUCCEEDED
    essay.approve("25")
    assert essay.send().reason == "attempt_over"
    assert len(essay.listed.saved) == 1


@pytest.mark.parametrize(
    ("before", "after"), [("notmarked", "readyforrelease"), ("readyforreview", "readyforrelease"), ("released",) * 2]
)
def test_in_a_workflow_a_grade_goes_no_further_than_was_said(
    chosen: Choose, services: FakeMoodle, user: int, before: str, after: str
) -> None:
    listed = services.assign(markingworkflow=1)
    listed.hand_in(user)
    listed.workflow[user] = before
    essay = chosen(listed)
    essay.fetch()
    essay.approve("30")
    assert essay.send().status == PushStatus.SUCCEEDED
    assert listed.workflow[user] == after


def test_a_later_approval_goes_after_the_one_before(essay: Essay, user: int) -> None:
    essay.approve("30")
    essay.send()
    essay.approve("31")
    push = essay.send()
    assert (push.sent_version, essay.listed.grades[user, 0]["grade"]) == (2, 31)
    assert [each.outcome for each in essay.session.scalars(select(PushAttempt))] == ["accepted"] * 2


def test_sent_again_it_is_one_push(essay: Essay) -> None:
    grade = essay.approve("30")
    essay.send()
    resend(essay.session, essay.viewer, grade.id)
    assert essay.send().status == PushStatus.SUCCEEDED
    assert len(essay.session.scalars(select(Approval)).all()) == 1


def test_what_moodle_holds_is_read_back_and_a_change_there_shows(essay: Essay, user: int) -> None:
    essay.approve("30")
    push = essay.send()
    read_back_due(essay.runtime)
    essay.session.expire_all()
    assert (push.status, push.result_score, push.result_maximum) == (PushStatus.SUCCEEDED, 30, 50)
    essay.listed.grades[user, 0]["grade"] = 12
    ask_platform(essay.session, essay.viewer, essay.assignment.placement_id)
    read_back_due(essay.runtime)
    essay.session.expire_all()
    assert (push.status, push.result_score) == (PushStatus.OVERRIDDEN, Decimal(12))


@pytest.mark.parametrize(("tells", "status"), [(True, PushStatus.OVERRIDDEN), (False, PushStatus.SUCCEEDED)])
def test_a_grade_that_is_overridden_in_moodles_gradebook_shows_after_the_next_round(
    essay: Essay, user: int, tells: bool, status: PushStatus
) -> None:
    essay.approve("30")
    push = essay.send()
    read_back_due(essay.runtime)
    essay.listed.overridden[user] = 45
    if not tells:
        essay.moodle.functions.remove(GRADE_ITEMS)
    essay.fetch()
    read_back_due(essay.runtime)
    essay.session.expire_all()
    assert push.status == status


def test_the_way_there_can_be_tested_without_saving_anything(essay: Essay) -> None:
    found = check_connection(essay.runtime, essay.session, essay.viewer, essay.assignment.placement_id)
    assert (found.label, found.maximum) == (essay.assignment.placement.title, 50)
    assert essay.moodle.counted[SAVE_GRADE] == 0
