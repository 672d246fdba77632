"""A draft from the task, written by a model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, ModelFailed, NotAllowed
from lti_tool.grading.rubrics.drafts import Note
from lti_tool.grading.rubrics.sources.proposing import Unavailable, propose_rubric, task_of, unavailable_because
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.llm.conftest import configure

LEVELS = [
    {"title": "clear", "description": "Reads well.", "points": 10},
    {"title": "no", "description": "", "points": 0},
]
ANSWER: dict[str, Any] = {"criteria": [{"title": "Clarity", "description": "Can it be followed?", "levels": LEVELS}]}
TASK = "Explain the median. Ask Teacher Canary (teacher@example.org) if in doubt."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as model:
        yield model


@pytest.fixture
def door(runtime: Runtime, house: House, activity: Placement, server: ModelServer) -> Door:
    activity.description = TASK
    house.session.flush()
    configure(runtime.engine, runtime.secrets, server.url)
    return Door(engine=runtime.engine, secrets=runtime.secrets)


def scripted(server: ModelServer, answer: Any) -> None:
    server.script.append(Reply(text=json.dumps(answer)))


def test_the_draft_is_the_teachers_to_check(house: House, activity: Placement, door: Door, server: ModelServer) -> None:
    scripted(server, ANSWER)
    draft = propose_rubric(door, task_of(house.session, viewer_of(house, "teacher"), activity))
    (criterion,) = draft.criteria
    assert (criterion.title, [level.points for level in criterion.levels]) == ("Clarity", [0, 10])
    assert draft.notes == {Note.PROPOSED}


def test_the_model_is_told_the_task_and_no_name(
    house: House, activity: Placement, door: Door, server: ModelServer
) -> None:
    scripted(server, ANSWER)
    propose_rubric(door, task_of(house.session, viewer_of(house, "teacher"), activity))
    (asked,) = server.requests
    assert "Explain the median." in asked.body and "give 10 points" in asked.body
    assert "Canary" not in asked.body and "example.org" not in asked.body


def test_a_draft_that_breaks_a_rule_is_no_draft(
    house: House, activity: Placement, door: Door, server: ModelServer
) -> None:
    scripted(server, {"criteria": [ANSWER["criteria"][0], ANSWER["criteria"][0]]})
    with pytest.raises(ModelFailed) as failure:
        propose_rubric(door, task_of(house.session, viewer_of(house, "teacher"), activity))
    assert failure.value.code == "answer_unreadable"


def test_without_a_task_nothing_is_asked(house: House, activity: Placement, door: Door, server: ModelServer) -> None:
    activity.description = ""
    with pytest.raises(InvalidInput, match="text of the task"):
        propose_rubric(door, task_of(house.session, viewer_of(house, "teacher"), activity))
    assert not server.requests


def test_its_own_switch_stops_it(house: House, activity: Placement, door: Door, server: ModelServer) -> None:
    write(house.session, SWITCHES[Feature.RUBRIC_DRAFTS], False, course_id=house.course.id)
    with pytest.raises(ModelFailed, match="No language model"):
        propose_rubric(door, task_of(house.session, viewer_of(house, "teacher"), activity))
    assert not server.requests


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_who_manages_the_course_asks_for_one(house: House, activity: Placement, name: str) -> None:
    with pytest.raises(NotAllowed):
        task_of(house.session, viewer_of(house, name), activity)


def test_the_page_knows_what_is_missing(house: House, activity: Placement, door: Door) -> None:
    def why() -> Unavailable | None:
        return unavailable_because(house.session, door, viewer_of(house, "teacher"), activity)

    assert why() is None
    activity.description = ""
    assert why() is Unavailable.NO_TASK
    write(house.session, ENABLED, False)
    assert why() is Unavailable.SWITCHED_OFF


def test_without_a_model_it_says_so(house: House, activity: Placement, runtime: Runtime) -> None:
    write(house.session, ENABLED, True)
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    assert unavailable_because(house.session, door, viewer_of(house, "teacher"), activity) is Unavailable.NOT_CONFIGURED
