"""The outbox as the worker empties it: real commits, threads, two workers at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.moving_on import move_on
from lti_tool.accounts.viewer import viewer_for
from lti_tool.db import transaction
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.gradebook.tasks import push_due
from lti_tool.grading.assignments.choosing import choose
from lti_tool.grading.assignments.tasks import pull_work
from lti_tool.moodle.tokens import keep_token
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.moodle import place_in
from tests.fixtures.people import House, bind_launch, build_house
from tests.fixtures.services import viewer_of
from tests.grading.assignments.conftest import Essay


@pytest.fixture
def committed(committed_runtime: Runtime, services: FakeMoodle) -> Iterator[House]:
    """The house in that Moodle, seen by every thread."""
    with transaction(committed_runtime.engine) as session:
        house = build_house(session)
        place_in(house, services.url)
        write(session, ENABLED, True)
        keep_token(session, committed_runtime.secrets, TOKEN, platform_id=house.platform.id, course_id=house.course.id)
    yield house


def essay_in(session: Session, house: House, runtime: Runtime, services: FakeMoodle) -> Essay:
    house.session = session
    teacher = viewer_of(house, "teacher")
    (listed,) = services.assignments_here
    assignment = choose(runtime, session, teacher, listed.number)
    viewer = viewer_for(session, move_on(session, teacher, assignment.placement), "browser-of-teacher")
    return Essay(
        session=session,
        runtime=runtime,
        moodle=services,
        listed=listed,
        assignment=assignment,
        viewer=viewer,
        student=house.student,
    )


def test_a_double_click_on_choosing_makes_one_activity(
    committed: House, committed_runtime: Runtime, services: FakeMoodle
) -> None:
    number = services.assign().number
    together = Barrier(2)

    def click(_: int) -> int:
        with transaction(committed_runtime.engine) as session:
            teacher = viewer_for(session, launch, "browser-of-teacher")
            together.wait()
            return choose(committed_runtime, session, teacher, number).id

    with transaction(committed_runtime.engine) as session:
        committed.session = session
        launch = bind_launch(committed, "teacher", None, "browser-of-teacher").id
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(click, range(2)))) == 1


def test_two_workers_at_once_send_a_grade_once_and_read_it_back(
    committed: House, committed_runtime: Runtime, services: FakeMoodle
) -> None:
    listed = services.assign()
    listed.hand_in(int(committed.student.sub))
    with transaction(committed_runtime.engine) as session:
        essay = essay_in(session, committed, committed_runtime, services)
        assignment_id = essay.assignment.id
    pull_work(committed_runtime, assignment_id=assignment_id)
    with transaction(committed_runtime.engine) as session:
        essay_in(session, committed, committed_runtime, services).approve("30")
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: push_due(committed_runtime), range(2)))
    with transaction(committed_runtime.engine) as session:
        push = session.scalars(select(Push)).one()
        assert (push.status, push.result_score, push.attempts) == (PushStatus.SUCCEEDED, 30, 1)
    assert len(listed.saved) == 1
