"""The assistant is held against the blind sample by itself, once, within the switches; another model begins anew."""

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.gate import DraftingCode, drafting_state
from lti_tool.grading.agreement.models import Gate, SampledPaper
from lti_tool.grading.agreement.tasks import measure
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.proposals.drafting import LANES
from lti_tool.grading.proposals.models import DraftRun, Proposal, Purpose
from lti_tool.grading.proposals.tasks import draft
from lti_tool.grading.rubrics.exemplars.keeping import Answer, approved_review_of, keep_work
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.model_server import ModelServer
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import Classroom, Mark
from tests.grading.proposals.conftest import answer

PAPERS = 10


@pytest.fixture
def sampled(house: House, activity: Placement, classroom: Classroom, gate: Gate) -> list[Submission]:
    works = classroom(*(f"answer {number}" for number in range(PAPERS)))
    house.session.add_all(
        SampledPaper(placement_id=activity.id, submission_id=work.id, position=position, reason="length")
        for position, work in enumerate(works, start=1)
    )
    house.session.flush()
    return works


@pytest.fixture
def graded(sampled: list[Submission], marked: Mark) -> list[Submission]:
    """Half of them well, half of them badly."""
    for number, work in enumerate(sampled):
        marked(work, clarity="4" if number % 2 else "0", reasons="3", approved=True)
    return sampled


def runs(house: House) -> list[DraftRun]:
    house.session.expire_all()
    return list(house.session.scalars(select(DraftRun)))


def work_on(runtime: Runtime, server: ModelServer, run: DraftRun) -> None:
    """The assistant says the same as the teacher."""
    for lane in range(LANES):
        for item in [item for item in run.items if item.number % LANES == lane]:
            server.reply(answer("L5" if item.number % 2 else "L1", "L4"))
    for lane in range(LANES):
        draft(runtime, run_id=str(run.id), lane=lane)


def test_a_graded_sample_is_given_to_the_assistant_once(
    runtime: Runtime, server: ModelServer, house: House, rubric: Rubric, graded: list[Submission]
) -> None:
    measure(runtime)
    measure(runtime)
    (run,) = runs(house)
    assert (run.purpose, run.asked_by_id, len(run.items)) == (Purpose.SAMPLE, house.teacher.id, PAPERS)


def test_a_sample_that_is_not_graded_yet_is_left_alone(
    runtime: Runtime, server: ModelServer, house: House, sampled: list[Submission], marked: Mark
) -> None:
    marked(sampled[0], approved=True)
    measure(runtime)
    assert runs(house) == []


def test_a_switch_that_is_off_asks_for_nothing(
    runtime: Runtime, server: ModelServer, house: House, graded: list[Submission]
) -> None:
    write(house.session, SWITCHES[Feature.GRADING_PROPOSALS], False)
    measure(runtime)
    assert runs(house) == []


def test_a_run_that_came_to_nothing_is_not_paid_for_again_today(
    runtime: Runtime, server: ModelServer, house: House, graded: list[Submission]
) -> None:
    measure(runtime)
    (run,) = runs(house)
    write(house.session, SWITCHES[Feature.GRADING_PROPOSALS], False)
    draft(runtime, run_id=str(run.id), lane=0)
    write(house.session, SWITCHES[Feature.GRADING_PROPOSALS], True)
    measure(runtime)
    assert len(runs(house)) == 1


def test_another_model_closes_the_gate_until_it_has_graded_the_sample(
    runtime: Runtime,
    server: ModelServer,
    house: House,
    teacher: Browser,
    activity: Placement,
    graded: list[Submission],
) -> None:
    measure(runtime)
    work_on(runtime, server, runs(house)[0])
    house.session.expire_all()
    assert drafting_state(house.session, activity).is_allowed
    write(house.session, CHAT_DEPLOYMENT, "another")
    state = drafting_state(house.session, activity)
    assert (state.is_allowed, state.why, state.measured) == (False, DraftingCode.OTHER_MODEL, PAPERS)
    assert "The figures are of another model" in teacher.page("grading/agreement").text
    measure(runtime)
    work_on(runtime, server, max(runs(house), key=lambda run: run.begins_at))
    house.session.expire_all()
    assert drafting_state(house.session, activity).is_allowed
    models = set(house.session.scalars(select(Proposal.model).where(Proposal.state == "offered")))
    assert models == {"another"}


def test_who_is_examined_is_not_shown_the_other_papers_of_the_examination(
    runtime: Runtime, server: ModelServer, house: House, activity: Placement, graded: list[Submission]
) -> None:
    teacher = viewer_of(house, "teacher")
    review = approved_review_of(house.session, teacher, activity, graded[0].id)
    keep_work(house.session, teacher, activity, review, Answer(text="Shown as an example."))
    measure(runtime)
    work_on(runtime, server, runs(house)[0])
    assert "answer 1" in server.wire and "Shown as an example." not in server.wire
