"""Setting the demo up goes through the pages of both sides, and does nothing twice."""

import pytest
from sqlalchemy import func, select

from lti_tool.content.models import Source
from lti_tool.db import transaction
from lti_tool.demo.filling import fill
from lti_tool.demo.joining import join, placed_activities, use_model
from lti_tool.demo.models import Tool
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT, ENABLED, ENDPOINT
from lti_tool.site_settings.store import read, write
from tests.fixtures.live import LiveTool


@pytest.fixture
def visitor(demo_platform: DemoPlatform) -> SiteVisitor:
    return SiteVisitor(demo_platform.store)


def test_joining_twice_makes_one_tool_and_four_activities(live_tool: LiveTool, visitor: SiteVisitor) -> None:
    join(live_tool.runtime, visitor)
    join(live_tool.runtime, visitor)
    with visitor.store.transaction() as rows:
        assert rows.scalar(select(func.count()).select_from(Tool)) == 1
    titles = [activity.title for activity in placed_activities(visitor.store)]
    assert len(titles) == 4 and titles[0] == "Ask about the lectures"


def test_joining_switches_on_but_not_again_against_a_decision(live_tool: LiveTool, visitor: SiteVisitor) -> None:
    join(live_tool.runtime, visitor)
    with transaction(live_tool.runtime.engine) as session:
        assert read(session, ENABLED)
        write(session, ENABLED, False)
    join(live_tool.runtime, visitor)
    with transaction(live_tool.runtime.engine) as session:
        assert not read(session, ENABLED)


def test_the_material_is_added_once(live_tool: LiveTool, visitor: SiteVisitor) -> None:
    join(live_tool.runtime, visitor)
    fill(live_tool.runtime, visitor)
    fill(live_tool.runtime, visitor)
    with transaction(live_tool.runtime.engine) as session:
        titles = session.scalars(select(Source.title).order_by(Source.title)).all()
    assert len(titles) == 4 and titles[0] == "1-describing-data.md"


def test_a_model_on_this_machine_can_be_named(live_tool: LiveTool) -> None:
    use_model(live_tool.runtime, url="http://localhost:11434/v1", model="small")
    with transaction(live_tool.runtime.engine) as session:
        assert read(session, ENDPOINT) == "http://localhost:11434/v1"
        assert read(session, CHAT_DEPLOYMENT) == "small"
