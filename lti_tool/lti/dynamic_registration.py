"""Registering the tool at a platform that offers it (LTI Dynamic Registration 1.0; Moodle: moodle-as-platform.md 1.8).

PyLTI1p3 holds the steps: read the platform's configuration, post ours, keep the answer. Ours are the guard against
addresses of the inside (X28), the rule that one host speaks for issuer, configuration and endpoints, and few scopes.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from pylti1p3.dynamic_registration import DynamicRegistration
from pylti1p3.exception import LtiException

from lti_tool.config import Settings
from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.lti.addresses import key_set_url, launch_url, login_url
from lti_tool.lti.claims import Section
from lti_tool.lti.registrations import PlatformEndpoints
from lti_tool.outbound import guarded_session

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
MAX_BYTES = 1024 * 1024
TIMEOUT = 15
LONGEST_PARAMETER = 8_000

SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
CUSTOM_PARAMETERS = {
    "context_history": "$Context.id.history",
    "user_groups": "$Moodle.Person.userGroupIds",
}
"""Asked for once for the whole tool: content items carry the placement's id and nothing else."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")


@dataclass(frozen=True, kw_only=True)
class RegisteredPlatform:
    """What the platform answered."""

    endpoints: PlatformEndpoints
    deployment_id: str | None
    requested_scopes: tuple[str, ...] = SCOPES


def register_at(
    settings: Settings, *, configuration_url: str, registration_token: str | None, allow_private: bool
) -> RegisteredPlatform:
    """Register over the network; no transaction may be holding locks. Raises InvalidInput or PlatformFailed."""
    if len(configuration_url) > LONGEST_PARAMETER or len(registration_token or "") > LONGEST_PARAMETER:
        raise InvalidInput("registration_malformed", "The platform's registration request cannot be read.")
    dialogue = _Dialogue(settings, configuration_url, registration_token or None, allow_private)
    try:
        registered: Any = dialogue.register()
    except (LtiException, AssertionError) as error:  # the library asserts what the platform answered
        raise PlatformFailed("registration_refused", "The platform refused the registration.") from error
    assert isinstance(registered, RegisteredPlatform)
    return registered


class _Dialogue(DynamicRegistration):
    """The tool's side of the exchange."""

    def __init__(
        self, settings: Settings, configuration_url: str, registration_token: str | None, allow_private: bool
    ) -> None:
        self.settings = settings
        self.configuration_url = configuration_url
        self.registration_token = registration_token
        self.allow_private = allow_private
        self.client_name = settings.tool.title
        self.description = settings.tool.description

    def get_request_session(self) -> requests.Session:
        return guarded_session(
            allow_private=self.allow_private, allow_http=self.allow_private, max_bytes=MAX_BYTES, timeout=TIMEOUT
        )

    def get_openid_configuration_endpoint(self) -> str:
        return self.configuration_url

    def get_registration_token(self) -> Any:
        return self.registration_token

    def get_openid_configuration(self) -> dict[str, Any]:
        """Read and checked before anything is sent to an address that it names."""
        with self.get_request_session() as http:
            response = http.get(self.configuration_url, headers={"Accept": "application/json"})
        try:
            configuration = response.json()
        except ValueError as error:
            raise PlatformFailed("configuration_malformed", "The platform's configuration is not JSON.") from error
        if not response.ok or not isinstance(configuration, dict) or not isinstance(configuration.get(PLATFORM), dict):
            raise PlatformFailed("configuration_malformed", "The platform's configuration cannot be used.")
        _check_hosts(Section(configuration), self.configuration_url)
        return configuration

    def get_initiate_login_uri(self) -> str:
        return login_url(self.settings)

    def get_jwks_uri(self) -> str:
        return key_set_url(self.settings)

    def get_redirect_uris(self) -> list[str]:
        return [launch_url(self.settings)]

    def get_target_link_uri(self) -> str:
        return launch_url(self.settings)

    def get_domain(self) -> str:
        return urlsplit(self.settings.public_url).netloc.removeprefix("www.")

    def get_scopes(self) -> list[str]:
        return list(SCOPES)

    def get_claims(self) -> list[str]:
        return ["iss", "sub"]

    def get_messages(self) -> list[dict[str, str]]:
        return [
            {"type": "LtiDeepLinkingRequest", "target_link_uri": launch_url(self.settings), "label": self.client_name},
            {"type": "LtiSubmissionReviewRequest", "target_link_uri": launch_url(self.settings)},
        ]

    def get_logo_uri(self) -> str:
        return f"{self.settings.public_url}/static/icon.svg"

    def lti_registration_data(self) -> dict[str, Any]:
        described = super().lti_registration_data()
        described[TOOL]["custom_parameters"] = CUSTOM_PARAMETERS
        return described

    def complete_registration(
        self, openid_configuration: dict[str, Any], openid_registration: dict[str, Any]
    ) -> RegisteredPlatform:
        platform, ours = Section(openid_configuration), Section(openid_registration)
        product = platform.section(PLATFORM)
        client_id = ours.identifier("client_id")
        if not client_id:
            raise PlatformFailed("registration_incomplete", "The platform's answer names no client id.")
        return RegisteredPlatform(
            endpoints=PlatformEndpoints(
                issuer=platform.text("issuer"),
                client_id=client_id,
                authorization_endpoint=platform.text("authorization_endpoint"),
                token_endpoint=platform.text("token_endpoint"),
                token_audience=platform.text("authorization_server") or None,
                keyset_url=platform.text("jwks_uri"),
                product_family=product.label("product_family_code").lower(),
                version=product.label("version"),
            ),
            deployment_id=ours.section(TOOL).identifier("deployment_id") or None,
        )


def _check_hosts(configuration: Section, configuration_url: str) -> None:
    """A configuration may only speak for its own host."""
    issuer = _host(configuration, "issuer")
    if issuer != urlsplit(configuration_url).hostname or any(
        _host(configuration, name) != issuer for name in ENDPOINTS
    ):
        raise PlatformFailed(
            "configuration_foreign", "The platform's configuration names another host than its own.", host=issuer
        )


def _host(configuration: Section, name: str) -> str | None:
    return urlsplit(configuration.address(name) or "").hostname
