"""The claims of a launch as typed values: what has another type than the specification gives it is refused.

Platforms differ in what they leave out (Moodle: e-mail, names, context, locale, line item), so everything that may be
absent may also be null. A custom value that still begins with `$` was not resolved and counts as missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from lti_tool.errors import InvalidInput
from lti_tool.lti.roles import RoleFacts

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

LONGEST_IDENTIFIER = 255
LONGEST_LABEL = 500
LONGEST_TEXT = 8_000
MOST_VALUES = 200
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")


class Message(StrEnum):
    RESOURCE_LINK = "resource_link"
    DEEP_LINKING = "deep_linking"
    SUBMISSION_REVIEW = "submission_review"


MESSAGES = {
    "LtiResourceLinkRequest": Message.RESOURCE_LINK,
    "LtiDeepLinkingRequest": Message.DEEP_LINKING,
    "LtiSubmissionReviewRequest": Message.SUBMISSION_REVIEW,
}


@dataclass(frozen=True, kw_only=True)
class PersonClaims:
    """Who launched, as far as the platform says."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str
    idnumber: str


@dataclass(frozen=True, kw_only=True)
class ContextClaims:
    id: str
    label: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ResourceLinkClaims:
    id: str
    title: str


@dataclass(frozen=True, kw_only=True)
class PlatformClaims:
    product_family: str
    version: str
    name: str


@dataclass(frozen=True, kw_only=True)
class DeepLinkingSettings:
    """What the platform takes back; `data` must be returned exactly when it was sent."""

    return_url: str
    accepts_multiple: bool
    accepts_line_items: bool
    data: str | None


@dataclass(frozen=True, kw_only=True)
class ServiceAddresses:
    """Where grades and the roster are; None where the platform offers no such service."""

    line_items_url: str | None
    line_item_url: str | None
    memberships_url: str | None
    grade_scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Claims:
    """A launch message, read."""

    message: Message | None
    person: PersonClaims
    roles: RoleFacts
    deployment_id: str
    target_link_uri: str | None
    context: ContextClaims | None
    resource_link: ResourceLinkClaims | None
    platform: PlatformClaims
    services: ServiceAddresses
    custom: Mapping[str, str]
    locale: str
    return_url: str | None
    deep_linking: DeepLinkingSettings | None
    reviewed_sub: str | None


class Section:
    """A JSON object of the message; each method raises InvalidInput for a value of another type."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self.values = values
        self.path = path

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """A string that fits our tables; empty when absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest or not _is_storable(value):
            raise self._wrong(name)
        return value

    def label(self, name: str) -> str:
        """A text for people: cut, not refused, when it is long."""
        return self.text(name)[:LONGEST_LABEL]

    def identifier(self, name: str) -> str:
        return self.text(name, LONGEST_IDENTIFIER)

    def address(self, name: str) -> str | None:
        """An http or https address: a `javascript:` one would run in our pages."""
        value = self.text(name)
        if not value:
            return None
        try:
            parts = urlsplit(value)
        except ValueError as error:
            raise self._wrong(name) from error
        if parts.scheme not in {"http", "https"} or not parts.netloc or not value.isprintable():
            raise self._wrong(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MOST_VALUES:
            raise self._wrong(name)
        if not all(isinstance(item, str) and len(item) <= LONGEST_TEXT for item in value):
            raise self._wrong(name)
        return tuple(value)

    def choice(self, name: str, default: bool) -> bool:
        """A boolean, which some platforms send as a word."""
        value = self.values.get(name)
        if value is None:
            return default
        if value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise self._wrong(name)
        return value

    def check_number(self, name: str) -> None:
        value = self.values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12):
            raise self._wrong(name)

    def section(self, name: str) -> "Section":
        value = self.values.get(name)
        if value is None:
            value = {}
        if not isinstance(value, dict) or len(value) > MOST_VALUES:
            raise self._wrong(name)
        return Section(value, f"{self.path}{name.rpartition('/')[2]}.")

    def _wrong(self, name: str) -> InvalidInput:
        return InvalidInput(
            "claim_malformed", "The platform's launch message is malformed.", claim=f"{self.path}{name}"[:120]
        )


def read_claims(body: dict[str, Any]) -> Claims:
    """The claims we use, each with its type checked; what must be present is checked by the message's validators."""
    message = Section(body)
    for name in ("exp", "iat", "nbf"):
        message.check_number(name)
    message.identifier("iss")
    message.text("nonce", 1000)
    presentation = message.section(f"{CLAIM}launch_presentation")
    return Claims(
        message=MESSAGES.get(message.text(f"{CLAIM}message_type")),
        person=_person(message),
        roles=RoleFacts.of(message.texts(f"{CLAIM}roles")),
        deployment_id=message.identifier(f"{CLAIM}deployment_id"),
        target_link_uri=message.address(f"{CLAIM}target_link_uri"),
        context=_context(message.section(f"{CLAIM}context")),
        resource_link=_resource_link(message.section(f"{CLAIM}resource_link")),
        platform=_platform(message.section(f"{CLAIM}tool_platform")),
        services=_services(message.section(GRADES), message.section(ROSTER)),
        custom=_custom(message.section(f"{CLAIM}custom")),
        locale=_locale(presentation.text("locale")),
        return_url=presentation.address("return_url"),
        deep_linking=_deep_linking(message.section(DEEP_LINKING)),
        reviewed_sub=message.section(f"{CLAIM}for_user").identifier("user_id") or None,
    )


def _person(message: Section) -> PersonClaims:
    return PersonClaims(
        sub=message.identifier("sub"),
        name=message.label("name"),
        given_name=message.label("given_name"),
        family_name=message.label("family_name"),
        email=message.label("email"),
        idnumber=message.section(f"{CLAIM}lis").label("person_sourcedid"),
    )


def _context(section: Section) -> ContextClaims | None:
    if not section.identifier("id"):
        return None
    return ContextClaims(id=section.identifier("id"), label=section.label("label"), title=section.label("title"))


def _resource_link(section: Section) -> ResourceLinkClaims | None:
    if not section.identifier("id"):
        return None
    return ResourceLinkClaims(id=section.identifier("id"), title=section.label("title"))


def _platform(section: Section) -> PlatformClaims:
    return PlatformClaims(
        product_family=section.label("product_family_code").lower(),
        version=section.label("version"),
        name=section.label("name"),
    )


def _services(grades: Section, roster: Section) -> ServiceAddresses:
    return ServiceAddresses(
        line_items_url=grades.address("lineitems"),
        line_item_url=grades.address("lineitem"),
        memberships_url=roster.address("context_memberships_url"),
        grade_scopes=grades.texts("scope"),
    )


def _custom(section: Section) -> Mapping[str, str]:
    """Flat strings. Numbers and booleans, which Canvas sends, are read as text; anything nested is refused."""
    flat = {
        name: str(value) if isinstance(value, int | float) else section.text(name)
        for name, value in section.values.items()
    }
    return {name: value for name, value in flat.items() if value and not value.startswith("$")}


def _deep_linking(section: Section) -> DeepLinkingSettings | None:
    return_url = section.address("deep_link_return_url")
    section.texts("accept_types")
    section.texts("accept_presentation_document_targets")
    if return_url is None:
        return None
    return DeepLinkingSettings(
        return_url=return_url,
        accepts_multiple=section.choice("accept_multiple", default=True),
        accepts_line_items=section.choice("accept_lineitem", default=True),
        data=section.text("data") if section.values.get("data") is not None else None,
    )


def _locale(text: str) -> str:
    """A language tag, or nothing: it chooses translations and never reaches a page."""
    return text if LOCALE.fullmatch(text) else ""


def _is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
