"""A course that has used up its month makes no more calls, whichever node asks."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.llm.chat import ChatModel
from lti_tool.llm.door import Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.models import LlmCall
from lti_tool.llm.spending import spending_of
from lti_tool.site_settings.catalogue import PROMPT_PRICE
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import snapshot, write
from lti_tool.site_settings.switches import Feature
from tests.fakes.model_server import ModelServer
from tests.fixtures.people import House
from tests.llm.conftest import QUESTION, caller


def spend(session: Session, course_id: int, micros: int, at: datetime | None = None) -> None:
    session.add(
        LlmCall(
            course_id=course_id,
            feature="tutor",
            purpose="test",
            model="fake-chat",
            cost_micros=micros,
            duration_ms=1,
            outcome="succeeded",
            created_at=at or now(),
        )
    )
    session.flush()


def chat_in(door: Door, course_id: int | None) -> ChatModel:
    return ChatModel(door, caller(course_id=course_id))


def test_a_course_that_has_used_up_its_month_sends_nothing(
    session: Session, door: Door, configured: ModelServer, house: House
) -> None:
    write(session, MONTHLY_CAP, Decimal("2.50"))
    spend(session, house.course.id, 2_500_000)
    with pytest.raises(NotAllowed) as refused:
        list(chat_in(door, house.course.id).stream(QUESTION))
    assert refused.value.code == "cost_cap"
    embedding = EmbeddingModel(door, caller(Feature.EMBEDDINGS, course_id=house.course.id), name="fake-embedding")
    with pytest.raises(NotAllowed):
        embedding.embed(["leaf"])
    assert configured.requests == []


def test_below_the_cap_in_other_courses_and_for_no_course_calls_go_out(
    session: Session, door: Door, configured: ModelServer, house: House
) -> None:
    write(session, MONTHLY_CAP, Decimal("2.50"))
    spend(session, house.course.id, 2_500_000)
    spend(session, house.other_course.id, 2_499_999)
    for course_id in (house.other_course.id, None):
        list(chat_in(door, course_id).stream(QUESTION))
    assert len(configured.requests) == 2


def test_a_call_that_passes_the_cap_is_the_last(
    session: Session, door: Door, configured: ModelServer, house: House
) -> None:
    write(session, MONTHLY_CAP, Decimal("0.0001"))
    write(session, PROMPT_PRICE, Decimal(100))
    list(chat_in(door, house.course.id).stream(QUESTION))
    with pytest.raises(NotAllowed):
        list(chat_in(door, house.course.id).stream(QUESTION))
    assert len(configured.requests) == 1


def test_the_month_begins_anew_on_its_first_day(session: Session, house: House) -> None:
    first = now().astimezone().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spend(session, house.course.id, 5, first - timedelta(seconds=1))
    spend(session, house.course.id, 7, first)
    assert spending_of(session, snapshot(session, None), house.course.id).micros == 7


def test_without_a_cap_nothing_is_ever_used_up(session: Session, house: House) -> None:
    spend(session, house.course.id, 10**12)
    assert not spending_of(session, snapshot(session, None), house.course.id).is_used_up
