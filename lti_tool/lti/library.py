"""How PyLTI1p3's classes see our rows: its registration, deployment and tool configuration, and a posted form.

The library asks for cookie and session services; ours keep nothing, because state and nonce live in `LoginAttempt`.
"""

from collections.abc import Mapping
from typing import Any

from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract
from sqlalchemy.orm import Session

from lti_tool.errors import NotAllowed
from lti_tool.lti.registrations import (
    Client,
    Installation,
    deployment_of,
    registration_for,
    require_active_deployment,
)


class Parameters(Request):
    """The parameters of a login or launch request."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self.values.get(key, "")


class NoCookies(CookieService):
    """The one cookie of the tool is set by the page kit, not here."""

    def get_cookie(self, name: str) -> str | None:
        return None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        return None


class NoSession(SessionService):
    """Nothing of a launch is kept outside of our tables."""

    def __init__(self) -> None:
        return None


class ToolConf(ToolConfAbstract[Parameters]):
    """Registrations and deployments from the database; those that were found are kept for the caller.

    A launch belongs to the registration that its login attempt names, and to no other (mix-up attack): given one,
    only that one can be found.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.client: Client | None = None
        self.deployment: Installation | None = None

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *args: Any, **kwargs: Any) -> LibraryRegistration:
        return self.find_registration_by_params(iss, "")

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **kwargs: Any) -> LibraryRegistration:
        if self.client is None:
            self.client = Client.of(registration_for(self.session, iss, client_id or None))
        if (iss, client_id) != (self.client.issuer, client_id and self.client.client_id):
            raise NotAllowed("registration_mismatch", "This launch answers a login of another registration.")
        return library_registration(iss, self.client.client_id, self.client.authorization_endpoint)

    def find_deployment(self, iss: str, deployment_id: str) -> LibraryDeployment:
        return self.find_deployment_by_params(iss, deployment_id, "")

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> LibraryDeployment:
        self.find_registration_by_params(iss, client_id)
        assert self.client is not None
        if self.deployment is None or self.deployment.deployment_id != deployment_id:
            self.deployment = deployment_of(self.session, self.client, deployment_id)
        require_active_deployment(self.deployment)
        return LibraryDeployment().set_deployment_id(deployment_id)


def library_registration(issuer: str, client_id: str, authorization_endpoint: str) -> LibraryRegistration:
    """Our registration as the library's; the tool's key is added where something is signed."""
    registration = LibraryRegistration().set_issuer(issuer).set_client_id(client_id)
    return registration.set_auth_login_url(authorization_endpoint)
