"""The answer to a deep linking request: the chosen items, signed (Deep Linking 2.0, section 3.4).

Refuses what Moodle loses or dies of (moodle-as-platform.md 1.9): points that are not a whole number from 1 to 100,
nested custom values, line breaks in them. `iat` lies half a minute back, because Moodle's check has no leeway.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pylti1p3.deep_link import DeepLink, TDeepLinkData
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration as LibraryRegistration

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.lti.claims import DeepLinkingSettings
from lti_tool.lti.keys import SigningKey
from lti_tool.lti.library import library_registration
from lti_tool.lti.models import Registration

MOST_POINTS = 100
BACKDATED = 30
LIFETIME = 300
DATA_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
REVIEWABLE = ["InProgress", "Submitted", "Completed"]


@dataclass(frozen=True, kw_only=True)
class ContentItem:
    """A link for the course; with points it brings its gradebook column along."""

    title: str
    url: str
    custom: Mapping[str, str] = field(default_factory=dict)
    points: int | None = None
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class DeepLinkingResponse:
    """A form field `JWT` to be posted to the platform's return address."""

    return_url: str
    jwt: str


def respond(
    registration: Registration,
    *,
    deployment_id: str,
    settings: DeepLinkingSettings,
    key: SigningKey,
    items: Sequence[ContentItem],
) -> DeepLinkingResponse:
    """Sign the items; an empty list closes the dialogue. Raises InvalidInput for what the platform could not take."""
    if len(items) > 1 and not settings.accepts_multiple:
        raise InvalidInput("one_item_only", "The platform takes one item at a time.")
    sender = library_registration(
        registration.platform.issuer, registration.client_id, registration.authorization_endpoint
    )
    response = _Response(_with_key(sender, key), deployment_id, settings)
    return DeepLinkingResponse(
        return_url=settings.return_url, jwt=response.get_response_jwt([_resource(item, settings) for item in items])
    )


class _Response(DeepLink):
    """The library's message with our times, a plain audience, and `data` only when there was some."""

    def __init__(self, registration: LibraryRegistration, deployment_id: str, settings: DeepLinkingSettings) -> None:
        self._data = settings.data
        super().__init__(registration, deployment_id, TDeepLinkData(deep_link_return_url=settings.return_url))

    def get_message_jwt(self, resources: Sequence[DeepLinkResource]) -> dict[str, object]:
        message = super().get_message_jwt(resources)
        moment = int(now().timestamp())
        message.update(
            iat=moment - BACKDATED,
            exp=moment + LIFETIME,
            nonce=secrets.token_urlsafe(24),
            aud=self._registration.get_issuer(),
        )
        del message[DATA_CLAIM]
        if self._data is not None:
            message[DATA_CLAIM] = self._data
        return message


class _KeyedRegistration(LibraryRegistration):
    """The library computes the key id from the public key at every signature; we know it."""

    kid: str

    def get_kid(self) -> str:
        return self.kid


def _with_key(registration: LibraryRegistration, key: SigningKey) -> LibraryRegistration:
    keyed = _KeyedRegistration()
    vars(keyed).update(vars(registration))
    keyed.kid = key.kid
    return keyed.set_tool_private_key(key.private_pem)


def _resource(item: ContentItem, settings: DeepLinkingSettings) -> DeepLinkResource:
    _check_line("title", item.title)
    for name, value in item.custom.items():
        _check_line(name, value)
    resource = DeepLinkResource().set_title(item.title).set_url(item.url).set_custom_params(item.custom)
    if item.points is not None and settings.accepts_line_items:
        resource.set_lineitem(_line_item(item))
    return resource


def _line_item(item: ContentItem) -> LineItem:
    points: Any = item.points
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= MOST_POINTS:
        raise InvalidInput(
            "points_refused", "Points must be a whole number from 1 to %(most_points)s.", {"most_points": MOST_POINTS}
        )
    line_item = LineItem().set_score_maximum(points).set_label(item.title)
    line_item.set_resource_id(item.resource_id).set_tag(item.tag)
    return line_item.set_submission_review(REVIEWABLE, url=item.url)


def _check_line(name: str, value: object) -> None:
    """Moodle writes custom values as lines: a line break would inject another parameter."""
    if not isinstance(value, str) or not value.isprintable():
        raise InvalidInput("item_refused", "A title or parameter must be one line of text.", field=name[:40])
