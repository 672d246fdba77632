"""Switches turn, and each can be proven: the real call stops, and a switch that stops nothing is found out."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.administration.switches import proof
from lti_tool.administration.switches.proof import features_of, prove
from lti_tool.llm.models import LlmCall
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import ENABLED, ENDPOINT
from lti_tool.site_settings.models import SettingValue
from lti_tool.site_settings.store import read, write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.administration.settings.test_views import audited
from tests.fixtures.people import Enter, House


def test_an_administrator_turns_a_switch_under_audit(enter: Enter, session: Session) -> None:
    admin = enter("administrator")
    page = admin.follow(admin.post("site/switches/turn", {"switch": "enabled", "to": "on"}))
    assert read(session, ENABLED) is True and "Outgoing calls: ● on" in " ".join(page.get_text().split())
    assert audited(session)[0].details["after"] == "on"


def test_the_answer_to_a_form_stands_in_its_section(enter: Enter) -> None:
    shown = enter("administrator").post("site/switches/prove", {"switch": "feature_email"})
    (current,) = BeautifulSoup(shown.text, "html.parser").select(".nav-pills [aria-current=page]")
    assert current.get_text() == "Switches"


@pytest.mark.parametrize("fields", [{"switch": "dailylimit", "to": "on"}, {"switch": "enabled", "to": "maybe"}, {}])
def test_anything_else_is_refused(enter: Enter, fields: dict[str, str]) -> None:
    assert enter("administrator").post("site/switches/turn", fields).status_code == 400


@pytest.mark.parametrize("person", ["teacher", "student", "outsider"])
def test_others_may_not(enter: Enter, session: Session, person: str) -> None:
    browser = enter(person)
    assert browser.get("site/switches/").status_code == 403
    assert browser.post("site/switches/turn", {"switch": "enabled", "to": "on"}).status_code == 403
    assert browser.post("site/switches/prove", {"switch": "enabled"}).status_code == 403
    assert read(session, ENABLED) is False


@pytest.mark.parametrize("feature", Feature)
def test_each_switch_proves_that_it_stops_its_call(
    session: Session, secrets: Secrets, house: House, feature: Feature
) -> None:
    switch = SWITCHES[feature]
    (found,) = prove(session, secrets, house.registration, switch, features_of(switch))
    assert found.holds and found.feature is feature


def test_the_kill_switch_proves_that_it_stops_every_call(session: Session, secrets: Secrets, house: House) -> None:
    proofs = prove(session, secrets, house.registration, ENABLED, features_of(ENABLED))
    assert {found.feature for found in proofs} == set(Feature) and all(found.holds for found in proofs)


def test_a_switch_that_stops_nothing_is_found_out(session: Session, secrets: Secrets, house: House) -> None:
    unrelated = SWITCHES[Feature.ROSTER_SYNC]
    (found,) = prove(session, secrets, house.registration, unrelated, [Feature.TUTOR])
    assert found.sent_when_off > 0 and not found.holds


def test_a_call_that_never_goes_out_proves_nothing() -> None:
    assert not proof.Proof(feature=Feature.TUTOR, sent_when_on=0, sent_when_off=0, refused_with="feature_off").holds


def test_a_proof_leaves_nothing_behind(session: Session, secrets: Secrets, house: House) -> None:
    write(session, ENDPOINT, "https://models.example/v1")
    prove(session, secrets, house.registration, ENABLED, features_of(ENABLED))
    assert session.scalars(select(SettingValue.key)).all() == ["endpoint"]
    assert session.scalar(select(func.count()).select_from(LlmCall)) == 0


def test_the_page_shows_the_proof_and_audits_it(enter: Enter, session: Session) -> None:
    response = enter("administrator").post("site/switches/prove", {"switch": "enabled"})
    assert response.text.count("The switch stops the call.") == len(Feature)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "switch.proven")).one()
    assert entry.details == {"holds": True}
