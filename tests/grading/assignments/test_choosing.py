"""Choosing an assignment: what is taken over, what is refused, and who may."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed, NotFound, PlatformFailed
from lti_tool.gradebook.assignments.models import GradingMethod
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.assignments.choosing import change_handling, choose
from lti_tool.grading.assignments.fillings import require_own_rubric, require_unfilled
from lti_tool.grading.assignments.offered import offer
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.moodle.functions import SAVE_GRADE
from lti_tool.moodle.tokens import forget_token
from lti_tool.runtime import Runtime
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import rubric
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.assignments.conftest import Choose, Essay


def test_settings_are_moodles(chosen: Choose, services: FakeMoodle) -> None:
    essay = chosen(services.assign(name="Ice", grade=40, duedate=1_900_000_000))
    placement = essay.assignment.placement
    assert (placement.title, placement.points, placement.due_at.year) == ("Ice", 40, 2030)
    assert placement.description == "Why does ice float?"
    assert (essay.assignment.method, essay.assignment.maximum) == (GradingMethod.POINTS, 40)


def test_moodles_rubric_becomes_ours_with_moodles_numbers(chosen: Choose, services: FakeMoodle) -> None:
    listed = services.assign()
    listed.define("rubric", rubric(("Clarity", 0, 1.5, 4), ("Reasons", 0, 6)))
    essay = chosen(listed)
    made = rubric_of(essay.session, essay.assignment.placement)
    assert [(each.title, each.points, each.moodle_id) for each in made.criteria] == [
        ("Clarity", 4, 11),
        ("Reasons", 6, 12),
    ]
    assert [(level.points, level.moodle_id) for level in made.criteria[0].levels] == [
        (0, 1100),
        (Decimal("1.5"), 1101),
        (4, 1102),
    ]


def test_chosen_twice_it_is_one_activity(chosen: Choose, essay: Essay) -> None:
    count = essay.session.scalar(select(func.count(Placement.id)))
    assert chosen(essay.listed).assignment.id == essay.assignment.id
    assert essay.session.scalar(select(func.count(Placement.id))) == count


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"grade": -2}, "assignment_scale"),
        ({"grade": 0}, "assignment_pointless"),
        ({"nosubmissions": 1}, "assignment_offline"),
    ],
)
def test_what_cannot_be_marked_is_refused(
    chosen: Choose, services: FakeMoodle, record: dict[str, int], code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        chosen(services.assign(**record))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [("rubric", 10, "moodle_definition_draft"), ("checklist", 20, "moodle_definition_unknown")],
)
def test_a_way_of_grading_that_cannot_be_used_is_refused(
    chosen: Choose, services: FakeMoodle, method: str, status: int, code: str
) -> None:
    listed = services.assign()
    listed.define(method, rubric(("Clarity", 0, 4)), status=status)
    with pytest.raises(PlatformFailed) as refused:
        chosen(listed)
    assert refused.value.code == code


def test_a_rubric_that_the_tokens_user_may_not_see_is_not_taken_for_none(chosen: Choose, services: FakeMoodle) -> None:
    listed = services.assign()
    listed.active = "rubric"
    with pytest.raises(PlatformFailed) as refused:
        chosen(listed)
    assert refused.value.code == "moodle_definition_closed"


def test_while_marking_is_blind_names_are_sealed(chosen: Choose, services: FakeMoodle) -> None:
    listed = services.assign(blindmarking=1)
    placement = chosen(listed).assignment.placement
    assert marking_options(placement).is_sealed and marking_options(placement).is_anonymous
    listed.record["revealidentities"] = 1
    chosen(listed)
    assert not marking_options(placement).is_anonymous


def test_its_work_is_asked_for_at_once(chosen: Choose, services: FakeMoodle) -> None:
    essay = chosen(services.assign())
    tasks = essay.session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all()
    assert "assignments.pull" in tasks


@pytest.mark.parametrize("name", ["non_editing_teacher", "student"])
def test_only_who_manages_the_course_may_choose(in_moodle: House, runtime: Runtime, name: str) -> None:
    with pytest.raises(NotAllowed):
        choose(runtime, in_moodle.session, viewer_of(in_moodle, name), 501)


def test_without_a_token_there_is_nothing_to_choose(in_moodle: House, runtime: Runtime, services: FakeMoodle) -> None:
    forget_token(in_moodle.session, platform_id=in_moodle.platform.id, course_id=in_moodle.course.id)
    with pytest.raises(NotFound) as missing:
        choose(runtime, in_moodle.session, viewer_of(in_moodle, "teacher"), services.assign().number)
    assert missing.value.code == "no_token"


def test_an_offer_says_what_is_marked_here_and_what_cannot_be(essay: Essay, runtime: Runtime) -> None:
    essay.moodle.assign(name="On a scale", grade=-1)
    found = offer(runtime, essay.session, essay.viewer).assignments
    assert [(each.is_marked_here, each.refusal is None) for each in found] == [(True, True), (False, False)]


def test_a_token_that_lacks_functions_names_them(essay: Essay, runtime: Runtime) -> None:
    essay.moodle.functions.remove(SAVE_GRADE)
    found = offer(runtime, essay.session, essay.viewer)
    assert found.token.missing == (SAVE_GRADE,) and found.assignments == []


def test_how_far_a_grade_goes_in_the_workflow_is_one_of_three(essay: Essay) -> None:
    change_handling(essay.session, essay.viewer, essay.assignment, is_polled=False, workflow_state="released")
    assert (essay.assignment.is_polled, essay.assignment.workflow_state) == (False, "released")
    with pytest.raises(InvalidInput):
        change_handling(essay.session, essay.viewer, essay.assignment, is_polled=True, workflow_state="sold")


def test_moodles_rubric_is_not_changed_here_and_points_alone_are_no_grade(chosen: Choose, services: FakeMoodle) -> None:
    listed = services.assign()
    listed.define("rubric", rubric(("Clarity", 0, 4)))
    essay = chosen(listed)
    placement = essay.assignment.placement
    with pytest.raises(InvalidInput, match="kept in Moodle"):
        require_own_rubric(essay.session, placement, "editor")
    with pytest.raises(InvalidInput, match="calculates this grade"):
        require_unfilled(essay.session, placement)
