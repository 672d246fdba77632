"""Where work is assessed, the model is told to give hints alone, in the teacher's words."""

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.site_settings.chat import HINT_WORDING
from lti_tool.site_settings.store import write
from lti_tool.tutor.models import AssessedWork
from tests.fakes.model_server import ModelServer
from tests.tutor.answering.conftest import Answer


def test_the_prompt_carries_the_teachers_wording_and_the_turn_says_so(
    session: Session, asker: Viewer, answer: Answer, model: ModelServer
) -> None:
    write(session, HINT_WORDING, "In {coursename} give hints and nothing else.", course_id=asker.course_id)
    assert not answer("What is osmosis?", "Water moves [1].").turn.is_hint_first
    assert "nothing else" not in model.requests[-1].content["messages"][0]["content"]
    session.add(AssessedWork(course_id=asker.course_id, placement_id=asker.placement_id, is_assessed=True))
    session.flush()
    done = answer("And what is osmosis through a membrane?", "What have you tried? [1]")
    assert done.turn.is_hint_first and done.body("done")["is_hint_first"] is True
    told = model.requests[-1].content["messages"][0]
    assert told["role"] == "system" and told["content"].endswith("In Plant biology give hints and nothing else.")
