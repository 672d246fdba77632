"""The models page: an administrator asks each model, and sees which answers and why another does not."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.llm.models import LlmCall
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.model_server import DIMENSIONS, ModelServer, Reply
from tests.fixtures.people import Enter
from tests.llm.conftest import configure

READY = Reply(text='{"word": "ready"}')


@pytest.fixture
def server(runtime: Runtime) -> Iterator[ModelServer]:
    with ModelServer() as model:
        configure(runtime.engine, runtime.secrets, model.url)
        yield model


def asked(enter: Enter) -> str:
    return " ".join(enter("administrator").post("site/models/").text.split())


def test_each_model_is_asked_and_says_what_came_back(enter: Enter, server: ModelServer, session: Session) -> None:
    server.script.extend([Reply(text="ready"), READY])
    text = asked(enter)
    assert "first words after" in text and f"{DIMENSIONS} numbers a vector" in text and "✗" not in text
    assert {call.purpose for call in session.scalars(select(LlmCall))} == {"trial"}
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "models.tried"))
    assert entry.details == {"streamed": "none", "structured": "none", "vectors": "none"}


def test_one_that_fails_is_told_and_stops_no_other(enter: Enter, server: ModelServer) -> None:
    server.script.extend([Reply(status=401, error={"message": "no"}), READY])
    text = asked(enter)
    assert "provider_key_refused" in text and f"{DIMENSIONS} numbers a vector" in text


def test_with_outgoing_calls_off_nothing_is_sent(enter: Enter, server: ModelServer, session: Session) -> None:
    write(session, ENABLED, False)
    assert "feature_off" in asked(enter) and server.requests == []


def test_without_a_server_the_page_says_so(enter: Enter) -> None:
    text = enter("administrator").page("site/models/").get_text()
    assert "No model server is set up" in text and "Ask each model" not in text


@pytest.mark.parametrize("person", ["teacher", "student", "outsider"])
def test_others_may_not(enter: Enter, server: ModelServer, person: str) -> None:
    browser = enter(person)
    assert (browser.get("site/models/").status_code, browser.post("site/models/").status_code) == (403, 403)
    assert server.requests == []
