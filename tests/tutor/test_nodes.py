"""Limits are counted in the database: two nodes together give no more than one."""

from decimal import Decimal

from lti_tool.db import transaction
from lti_tool.site_settings.catalogue import DAILY_LIMIT
from lti_tool.site_settings.setting import Setting
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import write
from tests.fakes.model_server import Reply
from tests.llm.test_spending import spend
from tests.tutor.conftest import Campus

QUESTION = "What is osmosis?"


def set_to(campus: Campus, setting: Setting[int] | Setting[Decimal], value: int | Decimal) -> None:
    with transaction(campus.runtime.engine) as session:
        write(session, setting, value)  # type: ignore[arg-type]


def test_the_day_is_counted_over_all_nodes(campus: Campus) -> None:
    set_to(campus, DAILY_LIMIT, 2)
    seat = campus.seat()
    lines = [campus.connect(campus.node(), seat) for _ in range(2)]
    for line, left in zip(lines, (1, 0), strict=True):
        line.ask(QUESTION)
        assert line.until("done")[-1]["left_today"] == left
    for line in lines:
        line.ask(QUESTION)
        assert line.until("refused")[-1]["code"] == "daily_limit"


def test_the_month_of_a_course_is_counted_over_all_nodes(campus: Campus) -> None:
    campus.configure_model()
    campus.model.reply(Reply(text="Water moves through a membrane [1]."))
    set_to(campus, MONTHLY_CAP, Decimal(1))
    seat = campus.seat()
    lines = [campus.connect(campus.node(), seat) for _ in range(2)]
    lines[0].ask(QUESTION)
    lines[0].until("done")
    with transaction(campus.runtime.engine) as session:
        spend(session, campus.house.course.id, 1_000_000)
    for line in lines:
        line.ask(QUESTION)
        ended = line.until("error")[-1]
        assert ended["code"] == "cost_cap" and "budget" in ended["text"]
    assert len(campus.model.requests) == 1
