"""One push against a platform: what arrives there, and what the row says afterwards."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event, EventKind
from lti_tool.db import now
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Push, PushAttempt, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.push import send
from lti_tool.gradebook.resend import resend
from lti_tool.gradebook.settlement import settle
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.services import Canned, FakeServices, Held
from tests.fixtures.people import House
from tests.fixtures.services import Connect
from tests.gradebook.conftest import Record

PushOnce = Callable[[], Push]


@pytest.fixture
def push_once(connected: House, connect: Connect) -> PushOnce:
    """Claim the due push, send it, settle it."""

    def pushed() -> Push:
        session = connected.session
        session.execute(update(Push).where(Push.status == PushStatus.TODO).values(next_try_at=now()))
        (delivery,) = claim(session, 10)
        settle(session, [(delivery, send(connect(), delivery))])
        session.flush()
        session.expire_all()
        return session.scalars(select(Push)).one()

    return pushed


@pytest.fixture
def user(house: House) -> str:
    return house.student.sub


def crash(house: House) -> None:
    """The sender of the claimed push died, and its lease has run out."""
    house.session.execute(update(Push).values(leased_until=now() - timedelta(seconds=1)))


def events_of(house: House) -> list[tuple[str, int | None]]:
    pushed = select(Event).where(Event.kind.in_([EventKind.PUSHED, EventKind.PUSH_FAILED])).order_by(Event.id)
    return [(event.kind, event.person_id) for event in house.session.scalars(pushed)]


def test_a_push_is_an_event_when_it_has_arrived_and_when_it_is_given_up(
    house: House, record: Record, push_once: PushOnce, moodle: FakeServices
) -> None:
    record("7.5", approved=True)
    moodle.answer_next("POST", "scores", Canned(503))
    push_once()
    assert events_of(house) == []
    push_once()
    record("8", approved=True)
    moodle.answer_next("POST", "scores", *[Canned(409, "[]")] * 4)
    assert [push_once().status for _ in range(4)][-1] == PushStatus.FAILED
    assert events_of(house) == [(EventKind.PUSHED, None), (EventKind.PUSH_FAILED, None)]


def test_an_approved_grade_arrives_with_its_comment(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7.5", "Good", approved=True)
    push = push_once()
    assert (push.status, push.sent_version, push.lease) == (PushStatus.SUCCEEDED, 1, None)
    assert moodle.held[user].score == 7.5 and moodle.held[user].comment == "Good"


def test_a_draft_after_the_approval_does_not_leave(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7", "As approved", approved=True)
    record("1", "Second thoughts")
    push_once()
    assert moodle.held[user].score == 7 and moodle.held[user].comment == "As approved"


def test_the_timestamp_is_stored_before_anything_is_sent(record: Record, connected: House) -> None:
    record(approved=True)
    (delivery,) = claim(connected.session, 10)
    stored = connected.session.scalar(select(Push.last_timestamp))
    assert stored == delivery.score.timestamp and stored.microsecond == 0


def test_two_grades_of_one_second_have_two_timestamps(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7", approved=True)
    push_once()
    record("8", approved=True)
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7, 8]


def test_an_approval_while_sending_is_sent_next(
    record: Record, push_once: PushOnce, connected: House, connect: Connect, moodle: FakeServices, user: str
) -> None:
    record("7", approved=True)
    (delivery,) = claim(connected.session, 10)
    record("8", approved=True)
    assert claim(connected.session, 10) == []
    settle(connected.session, [(delivery, send(connect(), delivery))])
    push = push_once()
    assert (push.status, push.sent_version) == (PushStatus.SUCCEEDED, 2)
    assert moodle.scores_of(user) == [7, 8]


def test_a_sender_killed_before_the_call_loses_nothing(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices, user: str
) -> None:
    record(approved=True)
    claim(connected.session, 10)
    crash(connected)
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7.5]


def test_a_sender_killed_after_the_call_sends_nothing_twice(
    record: Record, push_once: PushOnce, connected: House, connect: Connect, moodle: FakeServices, user: str
) -> None:
    record(approved=True)
    (delivery,) = claim(connected.session, 10)
    send(connect(), delivery)
    crash(connected)
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7.5]


def test_a_sender_that_slept_over_its_lease_sends_nothing(
    record: Record, connected: House, connect: Connect, moodle: FakeServices
) -> None:
    record(approved=True)
    (delivery,) = claim(connected.session, 10)
    object.__setattr__(delivery, "leased_until", now())
    send(connect(), delivery)
    assert not moodle.received("scores")


def test_a_sender_that_lost_its_lease_does_not_write_over_its_successor(
    record: Record, push_once: PushOnce, connected: House, connect: Connect
) -> None:
    record(approved=True)
    (slow,) = claim(connected.session, 10)
    sent = send(connect(), slow)
    crash(connected)
    push_once()
    settle(connected.session, [(slow, sent)])
    connected.session.flush()
    assert connected.session.scalars(select(Push.status)).one() == PushStatus.SUCCEEDED


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_silent_platform_gets_the_grade_once(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str, has_arrived: bool
) -> None:
    record(approved=True)
    moodle.answer_next("POST", "scores", Canned(hang_up=True, after=has_arrived))
    assert push_once().is_uncertain
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7.5]


def test_an_old_timestamp_with_our_grade_is_success(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7.5", "Good", approved=True)
    moodle.held[user] = Held(score=7.5, maximum=10, comment="Good", timestamp=now() + timedelta(hours=1))
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == []


def test_an_old_timestamp_with_another_grade_is_passed(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7.5", approved=True)
    ahead = now().replace(microsecond=0) + timedelta(hours=1)
    moodle.held[user] = Held(score=2, maximum=10, comment="", timestamp=ahead)
    assert push_once().status == PushStatus.TODO
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.held[user].timestamp == ahead + timedelta(seconds=1)


def test_a_clock_that_cannot_be_is_not_followed(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record(approved=True)
    moodle.held[user] = Held(score=2, maximum=10, comment="", timestamp=now().replace(year=9999))
    push = push_once()
    assert push.last_timestamp is not None and push.last_timestamp <= now()


def test_endless_conflicts_end_with_the_teacher(record: Record, push_once: PushOnce, moodle: FakeServices) -> None:
    record(approved=True)
    moodle.answer_next("POST", "scores", *[Canned(409, "[]")] * 4)
    assert [push_once().status for _ in range(4)][-1] == PushStatus.FAILED


def test_a_missing_address_is_looked_up_and_kept(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices
) -> None:
    link = connected.links[PlacementKind.ACTIVITY]
    link.line_item_url = None
    record(approved=True)
    assert push_once().status == PushStatus.SUCCEEDED
    assert link.line_item_url == moodle.line_item_url()


@pytest.mark.parametrize("status", [403, 404])
def test_a_column_made_anew_is_found_once_more(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices, status: int
) -> None:
    link = connected.links[PlacementKind.ACTIVITY]
    moodle.items = [moodle.item(9, resource_link=link.resource_link_id)]
    moodle.answer_next("POST", "scores", Canned(status))
    record(approved=True)
    assert push_once().status == PushStatus.SUCCEEDED
    assert link.line_item_url == moodle.line_item_url(9)


def test_a_column_that_is_gone_is_not_looked_for_forever(
    record: Record, push_once: PushOnce, moodle: FakeServices
) -> None:
    moodle.items = []
    record(approved=True)
    push = push_once()
    assert (push.status, push.reason, push.last_code) == (PushStatus.FAILED, "column_gone", 404)
    assert len(moodle.received("lineitems")) == 1


def test_an_activity_without_a_column_says_so(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices
) -> None:
    connected.links[PlacementKind.ACTIVITY].line_item_url = None
    moodle.items = []
    record(approved=True)
    push = push_once()
    assert (push.status, push.reason) == (PushStatus.FAILED, "no_column")


def test_while_pushing_is_off_nothing_leaves_and_nothing_is_lost(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices, user: str
) -> None:
    record(approved=True)
    write(connected.session, ENABLED, False)
    push = push_once()
    assert (push.status, push.reason, push.attempts) == (PushStatus.TODO, "feature_off", 0)
    assert not moodle.requests
    write(connected.session, ENABLED, True)
    push_once()
    assert moodle.scores_of(user) == [7.5]


def test_open_edx_says_old_with_400_and_success_with_a_body(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices, user: str
) -> None:
    moodle.family = connected.platform.product_family = "edx"
    moodle.held[user] = Held(score=2, maximum=10, comment="", timestamp=now() + timedelta(minutes=1))
    record("7.5", approved=True)
    assert push_once().status == PushStatus.TODO
    assert push_once().status == PushStatus.SUCCEEDED


def test_a_400_elsewhere_without_a_newer_result_is_about_the_person(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices, user: str
) -> None:
    connected.platform.product_family = "edx"
    moodle.ungradable = {user}
    record(approved=True)
    assert push_once().reason == "not_gradable"


def test_each_try_is_one_line_of_history(
    record: Record, push_once: PushOnce, connected: House, moodle: FakeServices
) -> None:
    record(approved=True)
    moodle.answer_next("POST", "scores", Canned(503))
    push_once()
    push_once()
    tries = connected.session.scalars(select(PushAttempt).order_by(PushAttempt.id)).all()
    assert [(one.outcome, one.code) for one in tries] == [("unknown", 503), ("accepted", 200)]
    assert tries[0].timestamp < tries[1].timestamp


def test_a_failed_push_is_sent_again_by_the_teacher(
    record: Record, push_once: PushOnce, connected: House, teacher: Viewer, moodle: FakeServices, user: str
) -> None:
    moodle.locked = {user}
    grade = record(approved=True)
    assert [push_once().status for _ in range(3)][-1] == PushStatus.FAILED
    moodle.locked = set()
    resend(connected.session, teacher, grade.id)
    assert push_once().status == PushStatus.SUCCEEDED


def test_the_comment_is_always_sent(
    record: Record, push_once: PushOnce, moodle: FakeServices, connected: House, teacher: Viewer
) -> None:
    approve(connected.session, teacher, record(comment=""))
    push_once()
    assert json.loads(moodle.received("scores")[0].body)["comment"] == ""


@pytest.mark.parametrize("status", [502, 503, 504, 520])
def test_a_gateway_that_fails_after_the_score_arrived_doubles_nothing(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str, status: int
) -> None:
    record("7.5", approved=True)
    moodle.answer_next("POST", "scores", Canned(status, "<html>Bad gateway</html>", after=True))
    push_once()
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7.5]


def test_a_doubt_outlives_a_platform_that_cannot_be_asked(
    record: Record, push_once: PushOnce, moodle: FakeServices, user: str
) -> None:
    record("7.5", approved=True)
    moodle.answer_next("POST", "scores", Canned(hang_up=True, after=True))
    moodle.answer_next("GET", "results", Canned(503), Canned(hang_up=True))
    for _try in range(3):
        assert push_once().is_uncertain
    assert push_once().status == PushStatus.SUCCEEDED
    assert moodle.scores_of(user) == [7.5]
