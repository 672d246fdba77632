"""What the platform shows after a push, and what is made of it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.push import send
from lti_tool.gradebook.readback import read_back_due
from lti_tool.gradebook.resend import ask_platform
from lti_tool.gradebook.settlement import settle
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.services import Canned, FakeServices
from tests.fixtures.people import House
from tests.fixtures.services import Connect
from tests.gradebook.conftest import Record

ReadBack = Callable[[], Push]


@pytest.fixture
def sent(record: Record, connected: House, connect: Connect) -> None:
    """A grade of 7.5 that was sent and not read back yet."""
    record("7.5", approved=True)
    (delivery,) = claim(connected.session, 1)
    settle(connected.session, [(delivery, send(connect(), delivery))])


@pytest.fixture
def read_back(sent: None, runtime: Runtime, connected: House) -> ReadBack:
    def after() -> Push:
        connected.session.flush()
        read_back_due(runtime)
        connected.session.expire_all()
        return connected.session.scalars(select(Push)).one()

    return after


def test_a_grade_that_counts_stays_sent(read_back: ReadBack) -> None:
    push = read_back()
    assert (push.status, push.result_score, push.result_maximum) == (PushStatus.SUCCEEDED, Decimal("7.5"), 10)


def test_a_grade_that_a_teacher_overrode_says_so(read_back: ReadBack, moodle: FakeServices, house: House) -> None:
    moodle.overridden = {house.student.sub: 4}
    push = read_back()
    assert (push.status, push.result_score) == (PushStatus.OVERRIDDEN, 4)


def test_an_override_that_was_lifted_is_noticed(
    read_back: ReadBack, moodle: FakeServices, house: House, teacher: Viewer
) -> None:
    moodle.overridden = {house.student.sub: 4}
    placement_id = house.session.scalars(select(Push)).one().resource_link.placement_id
    read_back()
    moodle.overridden = {}
    assert placement_id is not None
    ask_platform(house.session, teacher, placement_id)
    assert read_back().status == PushStatus.SUCCEEDED


def test_a_result_is_read_once(read_back: ReadBack, moodle: FakeServices) -> None:
    read_back()
    read_back()
    assert len(moodle.received("results")) == 1


def test_a_platform_that_does_not_tell_accuses_nobody(read_back: ReadBack, moodle: FakeServices) -> None:
    moodle.answer_next("GET", "results", Canned(403))
    push = read_back()
    assert push.status == PushStatus.SUCCEEDED and push.result_score is None and push.result_read_at is not None


def test_while_pushing_is_off_nothing_is_read_either(read_back: ReadBack, moodle: FakeServices, house: House) -> None:
    write(house.session, ENABLED, False)
    read_back()
    assert not moodle.received("results")
