"""Conversations end when the site says so, with all that belongs to them; teachers' answers stay."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event
from lti_tool.db import now
from lti_tool.jobs.registry import PERIODIC
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import RETENTION_DAYS
from lti_tool.site_settings.store import write
from lti_tool.tutor.conversations import delete_conversation
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker
from lti_tool.tutor.models import Conversation, Turn, TurnCitation, TurnFrame
from lti_tool.tutor.retention import clearing
from lti_tool.tutor.retention.clearing import clear_stale_conversations
from lti_tool.tutor.retention.tasks import clear
from tests.fixtures.people import Enter


@pytest.fixture
def viewer(enter: Enter) -> Viewer:
    return enter("student").viewer


def conversation(session: Session, viewer: Viewer, *, days: int, is_archived: bool = True) -> Conversation:
    """One whose only question is that old."""
    moment = now() - timedelta(days=days)
    made = Conversation(
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        created_at=moment - timedelta(days=40),
        archived_at=moment if is_archived else None,
    )
    session.add(made)
    session.flush()
    turn = Turn(
        conversation_id=made.id,
        position=1,
        client_key="key-00000001",
        question="Why?",
        state="succeeded",
        outcome="refusal",
        created_at=moment,
    )
    session.add(turn)
    session.flush()
    session.add(TurnFrame(turn_id=turn.id, sequence=1, kind="accepted", body={}))
    session.add(TurnCitation(turn_id=turn.id, number=1, chunk_id=1, title="T", locator="", quotation="q"))
    session.flush()
    return made


def count(session: Session, row: type) -> int:
    return session.scalar(select(func.count()).select_from(row)) or 0


@pytest.mark.parametrize("is_archived", [True, False])
def test_the_last_question_decides(session: Session, runtime: Runtime, viewer: Viewer, is_archived: bool) -> None:
    conversation(session, viewer, days=31, is_archived=is_archived)
    kept = conversation(session, viewer, days=29)
    clear(runtime)
    session.expire_all()
    assert session.scalars(select(Conversation.id)).all() == [kept.id]
    assert [count(session, row) for row in (Turn, TurnFrame, TurnCitation)] == [1, 1, 1]


def test_the_days_are_the_administrators(session: Session, runtime: Runtime, viewer: Viewer) -> None:
    conversation(session, viewer, days=5000)
    write(session, RETENTION_DAYS, 0)
    assert clear_stale_conversations(runtime.engine) == 0
    write(session, RETENTION_DAYS, 3650)
    assert clear_stale_conversations(runtime.engine) == 1


def test_an_answer_under_way_is_not_taken_away(session: Session, runtime: Runtime, viewer: Viewer) -> None:
    old = conversation(session, viewer, days=31)
    turn = session.scalars(select(Turn)).one()
    turn.state, turn.outcome, turn.lease_until = "todo", None, now()
    session.flush()
    clear(runtime)
    assert session.get(Conversation, old.id, populate_existing=True) is not None


def test_a_deleted_thread_is_an_event_and_names_nobody(session: Session, runtime: Runtime, viewer: Viewer) -> None:
    conversation(session, viewer, days=31)
    clear(runtime)
    event = session.scalars(select(Event).where(Event.kind == "thread_deleted")).one()
    assert (event.person_id, event.details["reason"]) == (None, "retention")


def test_deleting_ones_own_is_an_event_too(session: Session, viewer: Viewer) -> None:
    delete_conversation(session, conversation(session, viewer, days=1))
    event = session.scalars(select(Event).where(Event.kind == "thread_deleted")).one()
    assert (event.person_id, event.details["reason"]) == (viewer.person_id, "person")


@pytest.mark.parametrize(("state", "stays"), [("open", 0), ("closed", 0), ("answered", 1)])
def test_of_questions_to_teachers_their_answers_stay(
    session: Session, runtime: Runtime, viewer: Viewer, state: str, stays: int
) -> None:
    old = conversation(session, viewer, days=31)
    is_answered = state == "answered"
    escalation = Escalation(
        course_id=viewer.course_id,
        question="Why?",
        fingerprint="f",
        tutor_said="",
        state=state,
        answer_markdown="Because." if is_answered else "",
        author_id=viewer.person_id if is_answered else None,
        answered_at=now() if is_answered else None,
    )
    session.add(escalation)
    session.flush()
    turn_id = session.scalars(select(Turn.id).where(Turn.conversation_id == old.id)).one()
    session.add(EscalationAsker(turn_id=turn_id, escalation_id=escalation.id, person_id=viewer.person_id))
    session.flush()
    clear(runtime)
    assert (count(session, Escalation), count(session, EscalationAsker)) == (stays, 0)


def test_more_than_a_few_go_in_one_night(
    session: Session, runtime: Runtime, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "AT_ONCE", 2)
    for _ in range(5):
        conversation(session, viewer, days=31)
    assert clear_stale_conversations(runtime.engine) == 5


def test_it_runs_at_three(runtime: Runtime) -> None:
    assert PERIODIC["tutor.retention"].cron == "0 3 * * *"
