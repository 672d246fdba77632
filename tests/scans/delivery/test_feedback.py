"""Scans and marked copies as feedback files: no grade before an approval, nothing of others lost, read back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.gradebook.models import Push
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.settlement import settle
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.reviewing import latest_review, save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.scans.confirming import claim as claim_paper
from lti_tool.scans.deadlines import accept_on_behalf, set_deadline
from lti_tool.scans.delivery.arranging import arrange
from lti_tool.scans.delivery.models import DeliveryTarget
from lti_tool.scans.delivery.states import DeliveryState, Kind, Mode
from lti_tool.scans.delivery.targets import offer, stop_delivery
from lti_tool.scans.moves import unbind
from lti_tool.scans.states import Problem
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.moodle_assignments import rubric
from tests.fakes.moodle_papers import content_of, other_feedback
from tests.scans.conftest import PaperOf
from tests.scans.delivery.conftest import Change, Deliveries, handed_over

S = DeliveryState


def mark(it: Deliveries, *choices: str, feedback: str = "Good & short.") -> None:
    """On a rubric each choice is the place of a level; else the one choice is the points."""
    work = it.session.scalars(select(Submission).where(Submission.placement_id == it.exam.id)).one()
    kept = rubric_of(it.session, it.exam)
    criteria = kept.criteria if kept else ()
    ticks = {
        criterion.id: TickInput(level_id=criterion.levels[int(choice)].id, comment="why")
        for criterion, choice in zip(criteria, choices, strict=False)
    }
    latest = latest_review(it.session, work)
    marking = Marking(
        rubric_id=kept.id if kept else None,
        seen=latest.version if latest else 0,
        ticks=ticks,
        points=None if kept else Decimal(choices[0]),
        feedback=feedback,
    )
    approve(it.session, it.teacher, save_review(it.session, it.teacher, it.exam, work, marking))


def push(it: Deliveries) -> Push:
    """Gradebook sends what was approved."""
    it.session.execute(update(Push).values(next_try_at=now()))
    sent = [each for each in claim(it.session, 5) if isinstance(each, AssignmentDelivery)]
    settle(it.session, [(each, send_to_assignment(it.runtime, each)) for each in sent])
    it.session.flush()
    it.session.expire_all()
    return it.session.scalars(select(Push).where(Push.moodle_assignment_id.is_not(None))).one()


def names(it: Deliveries) -> list[str]:
    return sorted(str(file["filename"]) for file in it.feedback)


def test_a_confirmed_scan_goes_there_without_grade_and_without_a_word(by_token: Deliveries) -> None:
    done = by_token.deliver()
    (listed,) = by_token.feedback
    assert done.file is not None
    ours = FileStore.of(by_token.runtime.settings).path(done.file).read_bytes()
    assert (done.state, done.kind, content_of(by_token.moodle, listed)) == (S.CONFIRMED, Kind.SCAN, ours)
    assert by_token.assignment.grades[by_token.user, 0] == {"grade": -1, "comment": ""}
    (form,) = by_token.assignment.saved
    assert (form["grade"], form["applytoall"], form["addattempt"], form["workflowstate"]) == ("-1", "0", "0", "")
    assert listed["filename"] == f"paper-{done.paper_id.hex[:8]}.pdf"


def test_a_draft_of_a_grade_never_goes_there(by_token: Deliveries) -> None:
    by_token.deliver()
    work = by_token.session.scalars(select(Submission)).one()
    marking = Marking(rubric_id=None, seen=0, ticks={}, points=Decimal(40), feedback="Only a draft")
    save_review(by_token.session, by_token.teacher, by_token.exam, work, marking)
    by_token.deliver()
    assert by_token.assignment.grades[by_token.user, 0]["grade"] == -1
    assert by_token.moodle.counted["mod_assign_save_grade"] == 1


def test_after_the_approval_the_marked_copy_follows_the_grade(by_token: Deliveries) -> None:
    by_token.deliver()
    mark(by_token, "37.5")
    waiting = by_token.deliver()
    assert (waiting.kind, waiting.state, waiting.reason) == (Kind.MARKED, S.RETRY, "grade_first")
    sent = push(by_token)
    assert (sent.status, sent.reason) == ("succeeded", "")
    done = by_token.deliver()
    short = done.paper_id.hex[:8]
    assert done.state == S.CONFIRMED and names(by_token) == [f"marked-{short}.pdf", f"paper-{short}.pdf"]
    assert by_token.assignment.grades[by_token.user, 0] == {"grade": 37.5, "comment": "<p>Good &amp; short.</p>"}


def test_a_later_approval_replaces_our_own_marked_copy(by_token: Deliveries) -> None:
    mark(by_token, "37.5")
    push(by_token)
    first = by_token.deliver()
    mark(by_token, "40", feedback="Better than I thought.")
    push(by_token)
    second = by_token.deliver()
    assert (first.state, second.state, second.id != first.id) == (S.CONFIRMED, S.CONFIRMED, True)
    assert second.file and second.sha256 != first.sha256 and len(by_token.feedback) == 2
    marked = next(file for file in by_token.feedback if file["filename"].startswith("marked"))
    assert content_of(by_token.moodle, marked) == FileStore.of(by_token.runtime.settings).path(second.file).read_bytes()


def test_a_rubric_of_moodle_is_taken_over_left_empty_before_and_filled_after_the_approval(
    deliveries: Deliveries,
) -> None:
    deliveries.assignment.define("rubric", rubric(("Clarity", 0, 2, 4), ("Reasons", 0, 6)))
    deliveries.choose(Mode.FEEDBACK)
    deliveries.confirm()
    assert deliveries.deliver().state == S.CONFIRMED
    assert deliveries.assignment.grades[deliveries.user, 0]["grade"] == -1
    mark(deliveries, "2", "1")
    push(deliveries)
    assert deliveries.deliver().state == S.CONFIRMED
    form = deliveries.assignment.saved[-1]
    assert form["advancedgradingdata[rubric][criteria][0][fillings][0][levelid]"] == "1102"
    assert deliveries.assignment.grades[deliveries.user, 0]["grade"] == 50


def test_a_paper_accepted_on_behalf_waits_until_its_student_has_said_that_it_is_theirs(
    deliveries: Deliveries, released: PaperOf, store: FileStore
) -> None:
    deliveries.choose(Mode.FEEDBACK)
    paper = released()
    set_deadline(deliveries.session, deliveries.teacher, now() - timedelta(hours=1))
    accept_on_behalf(deliveries.session, deliveries.teacher, paper, deliveries.runtime.secrets, store)
    handed_over(deliveries.session, deliveries.runtime, deliveries.house, paper)
    assert (deliveries.deliver().state, deliveries.latest.reason) == (S.RETRY, "unclaimed")
    assert deliveries.moodle.drafts == {}
    claim_paper(deliveries.session, deliveries.viewer, deliveries.latest.paper, deliveries.runtime.secrets)
    assert deliveries.deliver().state == S.CONFIRMED


def by_hand(it: Deliveries) -> None:
    other_feedback(it.moodle, it.assignment, it.user)


def graded_by_hand(it: Deliveries) -> None:
    it.assignment.grades[it.user, 0] = {"grade": 12, "comment": ""}


def commented_by_hand(it: Deliveries) -> None:
    it.assignment.grades[it.user, 0] = {"grade": -1, "comment": "<p>See me.</p>"}


@pytest.mark.parametrize("lies_there", [by_hand, graded_by_hand, commented_by_hand])
def test_feedback_of_others_is_never_written_over(by_token: Deliveries, lies_there: Change) -> None:
    lies_there(by_token)
    assert (by_token.deliver().state, by_token.latest.reason) == (S.CONFLICT, "feedback_there")
    assert by_token.assignment.saved == []


def test_a_file_of_ours_that_a_teacher_wrote_on_is_never_written_over(by_token: Deliveries) -> None:
    done = by_token.deliver()
    by_token.assignment.feedback.clear()
    other_feedback(by_token.moodle, by_token.assignment, by_token.user, f"paper-{done.paper_id.hex[:8]}.pdf")
    mark(by_token, "10")
    push(by_token)
    assert (by_token.deliver().state, by_token.latest.reason) == (S.CONFLICT, "feedback_there")


def test_a_grade_that_was_changed_in_moodle_is_never_written_over(by_token: Deliveries) -> None:
    mark(by_token, "37.5")
    push(by_token)
    by_token.assignment.grades[by_token.user, 0]["grade"] = 11
    assert (by_token.deliver().state, by_token.latest.reason) == (S.CONFLICT, "grade_changed")
    assert by_token.assignment.grades[by_token.user, 0]["grade"] == 11


def test_what_a_marking_workflow_holds_back_waits_for_its_release(deliveries: Deliveries) -> None:
    deliveries.assignment.record["markingworkflow"] = 1
    deliveries.choose(Mode.FEEDBACK)
    deliveries.confirm()
    waiting = deliveries.deliver()
    assert (waiting.state, waiting.reason, waiting.tries) == (S.RETRY, "workflow", 0)
    assert deliveries.assignment.saved == []
    deliveries.assignment.workflow[deliveries.user] = "released"
    assert deliveries.deliver().state == S.CONFIRMED
    assert deliveries.assignment.saved[0]["workflowstate"] == "released"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["upload.php", "mod_assign_save_grade", "mod_assign_get_submission_status"])
def test_whatever_breaks_the_file_lies_there_once(by_token: Deliveries, step: str, moment: str) -> None:
    by_token.moodle.breaks.append((step, moment))
    assert (by_token.deliver().state, by_token.latest.reason) == (S.RETRY, "moodle_silent")
    assert by_token.deliver().state == S.CONFIRMED
    assert len(by_token.feedback) == 1
    kept = [word for word in by_token.steps() if word == "saved"]
    assert len(kept) == (2 if (step, moment) == ("mod_assign_save_grade", "before") else 1)


@pytest.mark.parametrize("step", ["upload.php", "mod_assign_save_grade", "mod_assign_get_submission_status"])
def test_a_worker_killed_at_any_step_leaves_the_file_there_once(by_token: Deliveries, step: str) -> None:
    arrange(by_token.session, by_token.session.scalars(select(DeliveryTarget)).one())
    by_token.kill_after(step)
    by_token.latest.leased_until = now()
    by_token.session.flush()
    assert by_token.deliver().state == S.CONFIRMED
    assert len(by_token.feedback) == 1 and by_token.moodle.counted["mod_assign_save_grade"] == 1


def test_a_save_that_kept_nothing_is_said_to_a_person(by_token: Deliveries) -> None:
    by_token.assignment.locked.add(by_token.user)
    assert (by_token.deliver().state, by_token.latest.reason) == (S.BLOCKED, "not_kept")


def test_with_calls_switched_off_it_waits_and_nothing_counts_against_it(by_token: Deliveries) -> None:
    write(by_token.session, SWITCHES[Feature.MOODLE_WEB_SERVICES], False)
    by_token.session.flush()
    waiting = by_token.deliver()
    assert (waiting.state, waiting.reason, waiting.tries) == (S.RETRY, "feature_off", 0)


def test_a_paper_that_is_taken_back_is_not_delivered_and_is_told_where_it_lies(by_token: Deliveries) -> None:
    lost = by_token.latest if by_token.deliver() else None
    assert lost is not None
    by_token.session.refresh(lost.paper)
    unbind(by_token.session, lost.paper, Problem.TAKEN_BACK)
    assert (by_token.deliver().state, by_token.latest.reason) == (S.CONFLICT, "taken_back")


def test_a_paper_taken_back_before_its_turn_never_leaves(by_token: Deliveries) -> None:
    paper = by_token.session.scalars(select(Submission)).one() and by_token.confirmed("other_student")
    assert by_token.deliver() is not None
    by_token.session.refresh(paper)
    unbind(by_token.session, paper, Problem.TAKEN_BACK)
    by_token.deliver()
    states = {each.person_id: each.state for each in by_token.all()}
    assert states[by_token.house.people["other_student"].id] == S.WITHDRAWN
    assert by_token.house.people["other_student"].sub not in {form["userid"] for form in by_token.assignment.saved}


def test_choosing_makes_gradebook_send_grades_there_and_stopping_ends_it(by_token: Deliveries) -> None:
    kept = by_token.session.scalars(select(MoodleAssignment)).one()
    assert (kept.placement_id, kept.number, kept.is_polled) == (by_token.exam.id, by_token.assignment.number, False)
    stop_delivery(by_token.session, by_token.teacher)
    assert by_token.session.scalars(select(MoodleAssignment)).all() == []


UNFIT: list[tuple[Mode, dict[str, object], str]] = [
    (Mode.FEEDBACK, {"teamsubmission": 1}, "assignment_team"),
    (Mode.HAND_IN, {"blindmarking": 1}, "assignment_blind"),
    (Mode.FEEDBACK, {"configs": []}, "assignment_no_files"),
    (Mode.FEEDBACK, {"attemptreopenmethod": "automatic"}, "assignment_reopens"),
    (Mode.HAND_IN, {"nosubmissions": 1}, "assignment_takes_no_files"),
    (Mode.HAND_IN, {"timelimit": 60}, "assignment_timed"),
]


@pytest.mark.parametrize(("mode", "record", "code"), UNFIT)
def test_an_assignment_that_cannot_hold_papers_is_refused_with_the_reason(
    deliveries: Deliveries, mode: Mode, record: dict[str, object], code: str
) -> None:
    deliveries.assignment.record |= record
    (offered,) = offer(deliveries.runtime, deliveries.session, deliveries.teacher).assignments
    refusal = offered.refusals[mode]
    assert refusal is not None and refusal.code == code
    with pytest.raises(InvalidInput, match=code):
        deliveries.choose(mode)


def test_two_exams_never_share_an_assignment(by_token: Deliveries, teacher: Viewer) -> None:
    assert offer(by_token.runtime, by_token.session, teacher).assignments[0].refusals[Mode.HAND_IN] is None
    by_token.session.execute(
        update(MoodleAssignment).values(placement_id=by_token.house.placements[PlacementKind.ACTIVITY].id)
    )
    by_token.session.expire_all()
    refusal = offer(by_token.runtime, by_token.session, teacher).assignments[0].refusals[Mode.HAND_IN]
    assert refusal is not None and refusal.code == "assignment_taken"
