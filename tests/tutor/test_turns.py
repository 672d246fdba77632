"""What a node writes to a turn, and what it can no longer write."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import viewer_for
from lti_tool.site_settings.catalogue import SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from lti_tool.tutor.asking import ask
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.models import FrameKind, Outcome, Turn, TurnState
from lti_tool.tutor.turns import Ending, Growth, claim, finish, save, stored_rest
from tests.fixtures.people import House, bind_launch

ANSWERED = Ending(state=TurnState.SUCCEEDED, outcome=Outcome.ANSWER)


@pytest.fixture
def turn(session: Session, house: House) -> Turn:
    """A turn that `node-a` has claimed."""
    write(session, SHOW_PRIVACY_NOTICE, False)
    launch = bind_launch(house, "student", PlacementKind.TUTOR, "browser")
    asked = ask(session, viewer_for(session, launch.id, "browser"), text="What?", client_key=str(uuid4()))
    claimed = claim(session, asked.turn.id, "node-a")
    assert claimed is not None
    return claimed


def grown(turn: Turn, text: str, *sequences: int) -> Growth:
    frames = [Frame(sequence=number, kind=FrameKind.BLOCK, body={"html": "", "end": 3}) for number in sequences]
    return Growth(turn_id=turn.id, text=text, last_frame=max([5, *sequences]), frames=frames)


def test_a_turn_is_claimed_once(session: Session, turn: Turn) -> None:
    assert claim(session, turn.id, "node-b") is None


def test_what_was_saved_is_served_by_any_node(session: Session, turn: Turn) -> None:
    assert not save(session, "node-a", [grown(turn, "One Two", 2)]).lost
    session.refresh(turn)
    rest = stored_rest(session, turn, 1)
    assert [(frame.sequence, frame.body.get("tail")) for frame in rest] == [(2, None), (5, " Two")]


def test_another_node_can_neither_save_nor_finish(session: Session, turn: Turn) -> None:
    growth = grown(turn, "stolen", 2)
    assert save(session, "node-b", [growth]).lost == {turn.id}
    assert not finish(session, "node-b", growth, ANSWERED)
    session.refresh(turn)
    assert (turn.answer_markdown, len(stored_rest(session, turn, 0))) == ("", 1)


def test_a_finished_turn_is_not_saved_again(session: Session, turn: Turn) -> None:
    assert finish(session, "node-a", grown(turn, "all", 2), ANSWERED)
    assert save(session, "node-a", [grown(turn, "half")]).lost == {turn.id}
    session.refresh(turn)
    assert (turn.answer_markdown, turn.state) == ("all", "succeeded")


def test_a_frame_that_a_save_stored_meanwhile_does_not_hinder_the_end(session: Session, turn: Turn) -> None:
    save(session, "node-a", [grown(turn, "One", 2)])
    assert finish(session, "node-a", grown(turn, "One Two", 2, 3), ANSWERED)
    session.refresh(turn)
    assert [frame.sequence for frame in stored_rest(session, turn, 1)] == [2, 3, 5]


def test_a_node_hears_that_somebody_wants_a_stop(session: Session, turn: Turn) -> None:
    turn.is_stopping = True
    session.flush()
    assert save(session, "node-a", [grown(turn, "One")]).stopping == {turn.id}


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "succeeded", "lease_until": None}, "ck_turn_succeeded_has_outcome"),
        ({"state": "failed", "lease_until": None}, "ck_turn_failed_has_error_code"),
        ({"lease_until": None}, "ck_turn_open_has_lease"),
        ({"node": None}, "ck_turn_doing_has_node"),
        ({"state": "thinking"}, "ck_turn_"),
    ],
)
def test_the_table_refuses_a_turn_that_makes_no_sense(
    session: Session, turn: Turn, values: dict[str, str | None], constraint: str
) -> None:
    for name, value in values.items():
        setattr(turn, name, value)
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()


def test_several_turns_are_saved_in_one_statement(session: Session, turn: Turn) -> None:
    stranger = Growth(turn_id=uuid4(), text="", last_frame=1, frames=[])
    saved = save(session, "node-a", [grown(turn, "mine"), stranger])
    assert saved.lost == {stranger.turn_id}
    assert session.scalars(select(Turn.answer_markdown)).one() == "mine"
