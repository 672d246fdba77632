"""Papers handed in as their students: once, never over other work, and never believed before it was read back."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.scans.delivery.models import Delivery, LentKey
from lti_tool.scans.delivery.outbox import claim, deliver, deliver_due
from lti_tool.scans.delivery.states import DeliveryState, Mode
from lti_tool.scans.delivery.watching import compare_all
from tests.fakes.moodle_papers import content_of, other_work
from tests.scans.delivery.conftest import Change, Deliveries

S = DeliveryState
STEPS = ["upload.php", "mod_assign_save_submission", "mod_assign_submit_for_grading"]


def test_a_paper_waits_for_the_key_of_its_student(by_key: Deliveries) -> None:
    assert (by_key.deliver().state, by_key.latest.reason) == (S.BLOCKED, "key_needed")
    assert by_key.work() is None


def test_with_the_key_it_is_handed_in_and_read_back_and_the_key_is_forgotten(by_key: Deliveries) -> None:
    by_key.lend()
    done = by_key.deliver()
    (listed,) = by_key.work().files
    stored = done.file
    assert (
        stored and content_of(by_key.moodle, listed) == FileStore.of(by_key.runtime.settings).path(stored).read_bytes()
    )
    assert (done.state, by_key.work().status, done.remote_attempt) == (S.CONFIRMED, "submitted", 0)
    assert by_key.session.scalar(select(func.count()).select_from(LentKey)) == 0
    assert by_key.student.name not in listed["filename"] and by_key.student.idnumber not in listed["filename"]
    assert by_key.steps() == [
        *("queued", "ended key_needed", "queued", "claimed 1", "looked nothing:none"),
        *("uploaded begun", "uploaded kept", "saved", "read_back ours:draft"),
        *("handed_in", "read_back ours:submitted", "ended confirmed"),
    ]


def test_without_drafts_the_save_hands_it_in(deliveries: Deliveries) -> None:
    deliveries.choose(Mode.HAND_IN)
    deliveries.confirm()
    deliveries.lend()
    assert deliveries.deliver().state == S.CONFIRMED
    assert deliveries.moodle.counted["mod_assign_submit_for_grading"] == 0 and deliveries.assignment.receipts == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", [*STEPS, "mod_assign_get_submission_status", "mod_assign_get_assignments"])
def test_whatever_breaks_the_paper_is_handed_in_once(by_key: Deliveries, step: str, moment: str) -> None:
    by_key.lend()
    by_key.moodle.breaks.append((step, moment))
    assert (by_key.deliver().state, by_key.latest.reason) == (S.RETRY, "moodle_silent")
    assert by_key.deliver().state == S.CONFIRMED
    assert by_key.assignment.receipts == 1 and len(by_key.work().files) == 1


@pytest.mark.parametrize("step", [*STEPS, "mod_assign_get_submission_status"])
def test_a_worker_killed_at_any_step_leaves_nothing_lost_and_nothing_doubled(by_key: Deliveries, step: str) -> None:
    by_key.lend()
    by_key.kill_after(step)
    assert by_key.latest.state == S.RUNNING
    assert deliver_due(by_key.runtime) == 0, "the lease still holds"
    by_key.latest.leased_until = now()
    by_key.session.flush()
    assert by_key.deliver().state == S.CONFIRMED
    assert by_key.assignment.receipts == 1


def test_a_double_click_and_two_workers_hand_in_once(by_key: Deliveries) -> None:
    by_key.lend()
    by_key.lend()
    assert by_key.session.scalar(select(func.count()).select_from(Delivery)) == 1
    claimed = claim(by_key.session)
    assert claimed is not None and claim(by_key.session) is None
    deliver(by_key.runtime, claimed)
    deliver(by_key.runtime, claimed)
    by_key.session.expire_all()
    assert by_key.latest.state == S.CONFIRMED and by_key.assignment.receipts == 1


def old_file(by_key: Deliveries) -> None:
    other_work(by_key.moodle, by_key.assignment, by_key.user, status="draft")


def old_text(by_key: Deliveries) -> None:
    by_key.assignment.hand_in(by_key.user, "<p>typed</p>", status="draft")


def empty_and_submitted(by_key: Deliveries) -> None:
    by_key.assignment.hand_in(by_key.user, "", status="submitted")


@pytest.mark.parametrize("lies_there", [old_file, old_text, empty_and_submitted])
def test_other_work_is_never_written_over(by_key: Deliveries, lies_there: Change) -> None:
    lies_there(by_key)
    before = by_key.work()
    by_key.lend()
    assert (by_key.deliver().state, by_key.latest.reason) == (S.CONFLICT, "work_there")
    assert by_key.work() is before and by_key.moodle.counted["mod_assign_save_submission"] == 0


def test_a_reopened_attempt_takes_the_paper(by_key: Deliveries) -> None:
    by_key.assignment.hand_in(by_key.user, "", status="reopened", attempt=1)
    by_key.lend()
    assert (by_key.deliver().state, by_key.latest.remote_attempt) == (S.CONFIRMED, 1)


def set_record(**values: object) -> Change:
    return lambda it: it.assignment.record.update(values)


def team(it: Deliveries) -> None:
    it.assignment.record["teamsubmission"] = 1


LATER, EARLIER = 4_000_000_000, 1_000_000_000
REFUSALS: list[tuple[str, Change]] = [
    ("assignment_team", team),
    ("takes_no_files", set_record(configs=[])),
    ("assignment_timed", set_record(timelimit=3600)),
    ("statement_needed", set_record(requiresubmissionstatement=1, submissionstatement="<p>All mine.</p>")),
    ("not_open_yet", set_record(allowsubmissionsfromdate=LATER)),
    ("locked", lambda it: it.assignment.closed.add(it.user)),
    ("assignment_gone", lambda it: it.moodle.assignments_here.clear()),
    ("not_kept", lambda it: setattr(it.assignment, "most_bytes", 1)),
    ("file_too_large", lambda it: setattr(it.moodle, "most_bytes", 1)),
    ("function_missing", lambda it: it.moodle.functions.remove("mod_assign_save_submission")),
    ("token_refused", lambda it: it.moodle.tokens.clear()),
    ("key_of_another", lambda it: it.moodle.tokens.update(abcdef0123456789abcdef0123456789=12)),
]


@pytest.mark.parametrize(("reason", "change"), REFUSALS, ids=[reason for reason, _change in REFUSALS])
def test_what_stands_in_the_way_is_said_to_a_person_and_nothing_is_handed_in(
    by_key: Deliveries, reason: str, change: Change
) -> None:
    by_key.lend()
    change(by_key)
    assert (by_key.deliver().state, by_key.latest.reason) == (S.BLOCKED, reason)
    assert by_key.assignment.receipts == 0


def test_after_the_cut_off_it_is_refused_and_with_an_extension_taken(by_key: Deliveries) -> None:
    by_key.assignment.record["cutoffdate"] = EARLIER
    by_key.assignment.takes_work_of = lambda user: False  # type: ignore[method-assign]
    by_key.lend()
    assert (by_key.deliver().state, by_key.latest.reason) == (S.BLOCKED, "cut_off")
    del by_key.assignment.takes_work_of  # type: ignore[method-assign]
    by_key.lend()
    assert by_key.deliver().state == S.CONFIRMED


def test_a_statement_that_was_agreed_to_is_agreed_to_in_moodle(deliveries: Deliveries) -> None:
    deliveries.assignment.record |= {"submissiondrafts": 1, "requiresubmissionstatement": 1}
    deliveries.assignment.record["submissionstatement"] = "<p>All <b>mine</b>.</p>"
    assert deliveries.choose(Mode.HAND_IN).statement == "All mine."
    deliveries.confirm()
    deliveries.lend(accepts_statement=True)
    assert deliveries.deliver().state == S.CONFIRMED


def silently(by_key: Deliveries) -> None:
    by_key.moodle.raw["mod_assign_save_submission"] = (200, b"[]")


def with_html(by_key: Deliveries) -> None:
    by_key.moodle.raw["mod_assign_save_submission"] = (502, b"<html></html>")


@pytest.mark.parametrize(("answer", "state"), [(silently, S.BLOCKED), (with_html, S.RETRY)])
def test_an_answer_alone_is_never_taken_for_handed_in(by_key: Deliveries, answer: Change, state: DeliveryState) -> None:
    by_key.lend()
    answer(by_key)
    assert by_key.deliver().state == state and by_key.assignment.receipts == 0


def test_a_draft_area_that_moodle_has_cleared_is_made_anew(by_key: Deliveries) -> None:
    by_key.lend()
    by_key.moodle.breaks.append(("mod_assign_save_submission", "before"))
    by_key.deliver()
    first = by_key.latest.draft
    by_key.latest.drafted_at = now().replace(year=2020)
    by_key.session.flush()
    assert by_key.deliver().state == S.CONFIRMED and by_key.latest.draft != first


@pytest.mark.parametrize(
    "replace",
    [
        lambda it: other_work(it.moodle, it.assignment, it.user),
        lambda it: setattr(it.work(), "files", []),
    ],
)
def test_what_a_student_replaces_in_moodle_is_found_at_night(
    by_key: Deliveries, replace: Callable[[Deliveries], object]
) -> None:
    by_key.lend()
    by_key.deliver()
    assert compare_all(by_key.runtime) == 0
    replace(by_key)
    assert compare_all(by_key.runtime) == 1
    by_key.session.expire_all()
    assert (by_key.latest.state, by_key.latest.reason) == (S.CONFLICT, "replaced")
