"""Registrations of the own platform: seen, disabled, enabled; further platforms invited."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.lti.invitations import open_invitation
from lti_tool.lti.models import Registration, RegistrationInvitation
from lti_tool.lti.registrations import deployment_of
from lti_tool.secrets import Secrets
from tests.administration.usage.test_views import elsewhere
from tests.fixtures.markup import checked_page
from tests.fixtures.people import Enter, House


@pytest.fixture
def second(session: Session, house: House) -> Registration:
    registration = Registration(
        platform=house.platform,
        client_id="client-2",
        authorization_endpoint="http://platform.test/auth",
        token_endpoint="http://platform.test/token",
        keyset_url="http://platform.test/certs",
    )
    session.add(registration)
    session.flush()
    return registration


def actions(session: Session) -> list[str]:
    found = select(AuditEntry.action).where(AuditEntry.object_type == "registration").order_by(AuditEntry.id)
    return list(session.scalars(found))


def test_the_registrations_of_the_platform_are_listed(enter: Enter, session: Session, second: Registration) -> None:
    elsewhere(session)
    text = " ".join(enter("administrator").page("site/platforms/").get_text().split())
    assert "client-1" in text and "client-2" in text and "2 courses" in text
    assert "elsewhere" not in text


def test_a_registration_is_disabled_and_enabled_under_audit(
    enter: Enter, session: Session, second: Registration
) -> None:
    admin = enter("administrator")
    admin.follow(admin.post(f"site/platforms/{second.id}/status", {"to": "disabled"}))
    assert second.status == "disabled"
    admin.follow(admin.post(f"site/platforms/{second.id}/status", {"to": "active"}))
    assert second.status == "active"
    assert actions(session) == ["registration.disabled", "registration.enabled"]


def test_the_registration_one_came_through_cannot_be_disabled(enter: Enter, house: House) -> None:
    response = enter("administrator").post(f"site/platforms/{house.registration.id}/status", {"to": "disabled"})
    assert response.status_code == 400 and house.registration.status == "active"


def test_another_platforms_registration_is_not_found(enter: Enter, session: Session) -> None:
    foreign = elsewhere(session).deployment.registration
    assert enter("administrator").post(f"site/platforms/{foreign.id}/status", {"to": "disabled"}).status_code == 404
    assert foreign.status == "active"


def test_a_deployment_id_is_added_under_audit(enter: Enter, session: Session, second: Registration) -> None:
    admin = enter("administrator")
    page = admin.follow(admin.post(f"site/platforms/{second.id}/deployments", {"deployment_id": " 77 "}))
    assert "77" in page.get_text()
    assert deployment_of(session, second, "77").is_active and actions(session) == ["deployment.added"]


@pytest.mark.parametrize("given", ["", "  ", "a\nb", "9" * 256])
def test_what_is_no_deployment_id_is_refused(enter: Enter, session: Session, second: Registration, given: str) -> None:
    response = enter("administrator").post(f"site/platforms/{second.id}/deployments", {"deployment_id": given})
    assert response.status_code == 400 and actions(session) == []


def test_another_platforms_registration_gets_no_deployment(enter: Enter, session: Session) -> None:
    foreign = elsewhere(session).deployment.registration
    response = enter("administrator").post(f"site/platforms/{foreign.id}/deployments", {"deployment_id": "77"})
    assert response.status_code == 404 and actions(session) == []


def test_an_invitation_is_shown_once_and_works(enter: Enter, session: Session, secrets: Secrets) -> None:
    admin = enter("administrator")
    page = checked_page(admin.post("site/platforms/invite", {"private": "yes"}).text)
    link = str(page.find(id="link")["value"])  # type: ignore[index]
    token = parse_qs(urlsplit(link).query)["invitation"][0]
    assert open_invitation(session, secrets, token).allows_private_addresses is True
    assert token not in admin.get("site/platforms/").text
    assert actions(session) == ["registration.invited"]


@pytest.mark.parametrize("person", ["teacher", "student", "outsider"])
def test_others_may_not(enter: Enter, session: Session, second: Registration, person: str) -> None:
    browser = enter(person)
    assert browser.get("site/platforms/").status_code == 403
    assert browser.post(f"site/platforms/{second.id}/status", {"to": "disabled"}).status_code == 403
    assert browser.post("site/platforms/invite").status_code == 403
    assert browser.post(f"site/platforms/{second.id}/deployments", {"deployment_id": "77"}).status_code == 403
    assert second.status == "active" and session.scalars(select(RegistrationInvitation)).all() == []
