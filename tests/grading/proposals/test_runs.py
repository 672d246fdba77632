"""Runs: who may ask, what a job does with each submission, and what makes it wait, go on or end."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.accounts.models import BoundLaunch, Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.agreement.models import Gate, SampledPaper
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.drafting import LANES
from lti_tool.grading.proposals.models import DraftItem, DraftRun, Purpose, RunState, RunWay
from lti_tool.grading.proposals.runs import (
    ask_for_drafts,
    failed_items,
    may_be_drafted,
    next_night,
    progress_of,
    stop,
    undrafted,
)
from lti_tool.grading.proposals.sample_runs import propose_for_sample
from lti_tool.grading.proposals.showing import offered_proposals, proposal_for, waiting_drafts
from lti_tool.grading.proposals.tasks import draft
from lti_tool.mail.models import Letter
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import BREAKER_ENABLED, ENABLED
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark
from tests.grading.proposals.conftest import ESSAY, answer

Run = Callable[[DraftRun], None]
JOBS = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'grading.draft'")


@pytest.fixture
def two(handed_in: HandIn, rubric: object) -> list[Submission]:
    return [handed_in(ESSAY), handed_in(f"{ESSAY} More.", by="other_student")]


@pytest.fixture
def works(runtime: Runtime, house: House) -> Run:
    """All jobs of a run, as a worker does them."""

    def worked(run: DraftRun) -> None:
        for lane in range(LANES):
            draft(runtime, run_id=str(run.id), lane=lane)
        house.session.expire_all()

    return worked


@pytest.fixture
def asked(house: House, activity: Placement, two: list[Submission], earned: None) -> DraftRun:
    waiting = undrafted(house.session, activity)
    return ask_for_drafts(house.session, viewer_of(house, "teacher"), activity, waiting, RunWay.AT_ONCE)


def test_no_draft_is_asked_for_work_that_is_marked_or_handed_in_anew(
    house: House, activity: Placement, two: list[Submission], earned: None, handed_in: HandIn, marked: Mark
) -> None:
    handed_in(f"{ESSAY} Better.")
    marked(two[1])
    for work in two:
        assert not may_be_drafted(house.session, activity, work)
        with pytest.raises(InvalidInput, match="no draft is made"):
            ask_for_drafts(house.session, viewer_of(house, "teacher"), activity, [work], RunWay.AT_ONCE)


def test_every_waiting_work_gets_a_draft(
    server: ModelServer, house: House, activity: Placement, asked: DraftRun, works: Run
) -> None:
    server.reply(answer(), answer())
    works(asked)
    progress = progress_of(house.session, asked)
    assert (asked.state, progress.done, progress.total) == (RunState.SUCCEEDED, 2, 2)
    assert len(waiting_drafts(house.session, activity)) == 2 and undrafted(house.session, activity) == []


def test_a_marked_work_does_not_wait_any_more(
    server: ModelServer, house: House, activity: Placement, asked: DraftRun, works: Run, marked: Mark
) -> None:
    server.reply(answer(), answer())
    works(asked)
    marked(waiting_drafts(house.session, activity)[0])
    assert len(waiting_drafts(house.session, activity)) == 1


def test_nothing_is_drafted_before_the_gate_opens(
    house: House, activity: Placement, two: list[Submission], session: Session
) -> None:
    write(session, ENABLED, True)
    with pytest.raises(NotAllowed, match="drafts_not_allowed"):
        ask_for_drafts(session, viewer_of(house, "teacher"), activity, two, RunWay.AT_ONCE)


def test_a_gate_that_closes_ends_the_run(
    server: ModelServer, session: Session, asked: DraftRun, works: Run, gate: Gate
) -> None:
    gate.bar = Decimal(1)
    session.flush()
    works(asked)
    assert (asked.state, asked.error_code) == (RunState.FAILED, "drafts_not_allowed")
    assert server.requests == []


def test_students_ask_for_nothing(house: House, activity: Placement, two: list[Submission], earned: None) -> None:
    with pytest.raises(NotAllowed):
        ask_for_drafts(house.session, viewer_of(house, "student"), activity, two, RunWay.AT_ONCE)


def test_a_run_at_a_time(
    server: ModelServer, house: House, activity: Placement, asked: DraftRun, two: list[Submission]
) -> None:
    with pytest.raises(InvalidInput, match="drafts_running"):
        ask_for_drafts(house.session, viewer_of(house, "teacher"), activity, two, RunWay.AT_ONCE)
    twin = DraftRun(
        placement_id=activity.id,
        asked_by_id=asked.asked_by_id,
        purpose=Purpose.DRAFT,
        way=RunWay.AT_ONCE,
        begins_at=asked.begins_at,
    )
    house.session.add(twin)
    with pytest.raises(IntegrityError):
        house.session.flush()


def test_a_failed_answer_fails_its_own_draft_alone(
    server: ModelServer, house: House, asked: DraftRun, works: Run
) -> None:
    server.reply(Reply(text="no"), Reply(text="no"), answer())
    works(asked)
    assert asked.state == RunState.SUCCEEDED
    assert [item.error_code for item in failed_items(house.session, asked)] == ["answer_unreadable"]
    assert progress_of(house.session, asked).done == 1


def test_a_server_that_is_away_is_waited_for(
    server: ModelServer, session: Session, asked: DraftRun, works: Run, runtime: Runtime
) -> None:
    write(session, BREAKER_ENABLED, False)
    server.reply(*[Reply(status=429, headers={"Retry-After": "60"})] * 2)
    before = session.scalar(JOBS)
    draft(runtime, run_id=str(asked.id), lane=0)
    draft(runtime, run_id=str(asked.id), lane=1)
    session.expire_all()
    assert (asked.state, asked.error_code, asked.tries) == (RunState.TODO, "provider_busy", 2)
    assert session.scalar(JOBS) == before + 2
    server.reply(answer(), answer())
    works(asked)
    assert (asked.state, asked.error_code, asked.tries) == (RunState.SUCCEEDED, None, 0)


def test_a_killed_job_goes_on_where_it_was(
    server: ModelServer, session: Session, asked: DraftRun, works: Run, runtime: Runtime
) -> None:
    """The draft was kept, and the worker died before it said so."""
    server.reply(answer(), answer())
    works(asked)
    session.execute(text("UPDATE draft_item SET state = 'todo'"))
    session.execute(text("UPDATE draft_run SET state = 'doing', finished_at = NULL"))
    session.expire_all()
    works(asked)
    assert asked.state == RunState.SUCCEEDED
    assert len(server.requests) == 2


def test_stop_leaves_the_rest_alone(
    server: ModelServer, house: House, asked: DraftRun, works: Run, runtime: Runtime
) -> None:
    server.reply(answer())
    draft(runtime, run_id=str(asked.id), lane=0)
    house.session.expire_all()
    stop(house.session, viewer_of(house, "teacher"), asked)
    works(asked)
    assert asked.state == RunState.CANCELLED and len(server.requests) == 1
    states = house.session.scalars(select(DraftItem.state).order_by(DraftItem.number)).all()
    assert states == ["succeeded", "cancelled"]


@pytest.mark.parametrize(("reply", "code"), [(Reply(status=401), "provider_key_refused"), (None, "feature_off")])
def test_what_the_next_would_meet_too_ends_the_run(
    server: ModelServer, session: Session, asked: DraftRun, works: Run, reply: Reply | None, code: str
) -> None:
    if reply is None:
        write(session, ENABLED, False)
    else:
        server.reply(reply)
    works(asked)
    assert (asked.state, asked.error_code) == (RunState.FAILED, code)
    assert len(server.requests) == (reply is not None)


def test_work_that_was_replaced_is_not_drafted(
    server: ModelServer, house: House, asked: DraftRun, works: Run, handed_in: HandIn
) -> None:
    handed_in(f"{ESSAY} Better.")
    server.reply(answer())
    works(asked)
    assert [item.error_code for item in failed_items(house.session, asked)] == ["submission_outdated"]


def test_the_sample_needs_no_gate_and_stays_hidden_until_it_is_graded(
    server: ModelServer, house: House, activity: Placement, two: list[Submission], works: Run, marked: Mark
) -> None:
    session = house.session
    session.add_all(
        SampledPaper(placement_id=activity.id, submission_id=work.id, position=position, reason="length")
        for position, work in enumerate(two, start=1)
    )
    session.flush()
    server.reply(answer(), answer())
    works(propose_for_sample(session, viewer_of(house, "teacher"), activity))
    assert len(offered_proposals(session, activity)) == 2
    assert proposal_for(session, two[0]) is None and waiting_drafts(session, activity) == []
    marked(two[0], approved=True)
    shown = proposal_for(session, two[0])
    assert shown is not None and shown.points == Decimal(6)
    assert proposal_for(session, two[1]) is None


def test_overnight_begins_at_the_next_such_hour() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC).astimezone()
    tonight, tomorrow = next_night(noon.hour + 1, noon), next_night(noon.hour, noon)
    assert (tonight - noon).total_seconds() == 3600
    assert (tomorrow - noon).total_seconds() == 24 * 3600


def test_overnight_jobs_wait(house: House, activity: Placement, two: list[Submission], earned: None) -> None:
    write(house.session, ENABLED, True)
    run = ask_for_drafts(house.session, viewer_of(house, "teacher"), activity, two, RunWay.OVERNIGHT)
    due = house.session.scalars(
        text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'grading.draft'")
    ).all()
    assert len(due) == LANES and set(due) == {run.begins_at}


@pytest.mark.parametrize(("way", "letters"), [(RunWay.OVERNIGHT, 1), (RunWay.AT_ONCE, 0)])
def test_who_asked_by_night_hears_of_the_end_in_their_language(
    server: ModelServer,
    house: House,
    activity: Placement,
    two: list[Submission],
    earned: None,
    works: Run,
    way: RunWay,
    letters: int,
) -> None:
    for setting, value in ((MAIL_HOST, "mail.example"), (MAIL_FROM, "lectern@mail.example")):
        write(house.session, setting, value)
    teacher = viewer_of(house, "teacher")
    house.session.execute(update(BoundLaunch).values(locale="en"))
    run = ask_for_drafts(house.session, teacher, activity, two, way)
    server.reply(answer(), answer())
    works(run)
    found = house.session.scalars(select(Letter)).all()
    assert len(found) == letters
    assert all(letter.person_id == house.teacher.id and "2 of 2" in letter.body for letter in found)
    assert not any("Canary" in letter.subject + letter.body for letter in found)
