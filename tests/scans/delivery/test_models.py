"""What the tables themselves refuse of deliveries, whoever asks."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from lti_tool.db import now
from lti_tool.scans.delivery.models import Delivery, DeliveryStep, DeliveryTarget, LentKey
from lti_tool.scans.delivery.states import MOVES, DeliveryState
from tests.scans.delivery.conftest import Deliveries

S = DeliveryState
NEEDS = {
    S.RUNNING: {"lease": uuid4(), "leased_until": now()},
    S.CONFIRMED: {"confirmed_at": now(), "sha256": "b" * 64},
}


def refused(it: Deliveries, statement: object, words: str) -> None:
    with pytest.raises(DBAPIError, match=words), it.session.begin_nested():
        it.session.execute(statement)  # type: ignore[call-overload]


def test_only_lawful_moves_pass(by_key: Deliveries) -> None:
    waiting = by_key.deliver()
    assert waiting.state == S.BLOCKED
    for to in set(S) - MOVES[S.BLOCKED] - {S.BLOCKED}:
        values = {"state": to, "reason": "x", "settled_by_id": None, **NEEDS.get(to, {})}
        refused(by_key, update(Delivery).values(values), f"does not go from blocked to {to}")


def test_a_delivery_keeps_what_it_is_of_and_its_file(by_key: Deliveries) -> None:
    by_key.lend()
    by_key.deliver()
    refused(by_key, update(Delivery).values(person_id=by_key.house.teacher.id), "keeps what it is of")
    refused(by_key, update(Delivery).values(key="c" * 64), "keeps what it is of")
    refused(by_key, update(Delivery).values(sha256="d" * 64), "keeps its file")


def test_neither_a_delivery_nor_its_steps_are_deleted_or_rewritten(by_key: Deliveries) -> None:
    by_key.deliver()
    refused(by_key, delete(Delivery), "append-only")
    refused(by_key, delete(DeliveryStep), "append-only")
    refused(by_key, update(DeliveryStep).values(word="nothing happened"), "append-only")
    refused(by_key, text("TRUNCATE delivery_step"), "append-only")


def test_nobody_works_twice_on_one_students_files(by_key: Deliveries) -> None:
    first = by_key.deliver()
    values = {
        "id": uuid4(),
        "key": "e" * 64,
        "target_id": first.target_id,
        "paper_id": first.paper_id,
        "binding": first.binding,
        "person_id": first.person_id,
        "kind": "work",
        "reason": "",
        "sha256": "",
        "note": "",
        "tries": 0,
        "next_try_at": now(),
    }
    running = {"state": S.RUNNING, "lease": uuid4(), "leased_until": now()}
    by_key.session.execute(insert(Delivery).values(values | running))
    refused(by_key, insert(Delivery).values(values | running | {"id": uuid4(), "key": "f" * 64}), "uq_delivery_running")
    refused(by_key, insert(Delivery).values(values | {"id": uuid4(), "state": S.QUEUED}), "uq_delivery_key")


def test_no_key_lives_longer_than_a_day_and_one_exam_has_one_target(by_key: Deliveries) -> None:
    by_key.lend()
    refused(by_key, update(LentKey).values(expires_at=now() + timedelta(hours=25)), "a_day_at_most")
    target = {"placement_id": by_key.exam.id, "course_id": by_key.house.course.id, "mode": "feedback", "number": 9}
    rest = {"module": 9, "title": "x", "takes_grades": False, "statement": "", "is_active": True}
    refused(
        by_key,
        insert(DeliveryTarget).values({**target, **rest, "chosen_by_id": by_key.teacher.person_id}),
        "uq_delivery_target_active",
    )
