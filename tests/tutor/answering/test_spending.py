"""A course that has used up its budget hears so in plain words, and keeps its question."""

from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import write
from lti_tool.tutor.wording import ERRORS
from tests.fakes.model_server import ModelServer
from tests.llm.test_spending import spend
from tests.tutor.answering.conftest import Answer


def test_a_question_after_the_cap_is_kept_and_told_why(
    session: Session, asker: Viewer, answer: Answer, model: ModelServer
) -> None:
    write(session, MONTHLY_CAP, Decimal(1))
    spend(session, asker.course_id, 1_000_000)
    done = answer("What is osmosis?", "never asked for")
    assert (done.turn.state, done.turn.error_code, model.requests) == ("failed", "cost_cap", [])
    assert done.turn.error_code in ERRORS
