"""Which model server is configured (R140-R143), where its endpoints are, and where a call to it may go.

A private address or plain http is used only when the list of allowed hosts names that very host: an administrator who
runs a model next door says so, and nobody reaches the inside of the network by an address alone.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lti_tool.outbound import AddressRule
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import (
    ALLOWED_HOSTS,
    API_KEY,
    API_VERSION,
    CHAT_DEPLOYMENT,
    EMBEDDING_DEPLOYMENT,
    ENDPOINT,
    PROVIDER_KIND,
)
from lti_tool.site_settings.chat import TRANSCRIPTION_DEPLOYMENT
from lti_tool.site_settings.patterns import ProviderKind
from lti_tool.site_settings.store import Snapshot

OPENAI_ENDPOINT = "https://api.openai.com/v1"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A model server and the names of its models; an empty name means that there is none of that kind."""

    kind: ProviderKind
    endpoint: str
    chat_model: str = ""
    embedding_model: str = ""
    transcription_model: str = ""
    api_version: str = ""
    key: str = field(default="", repr=False)
    allowed_hosts: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def address_rule(self) -> AddressRule:
        is_named = self.host in self.allowed_hosts
        return AddressRule(allow_private=is_named, allow_http=is_named, allowed_hosts=self.allowed_hosts or None)

    @property
    def headers(self) -> dict[str, str]:
        if not self.key:
            return {}
        return {"api-key": self.key} if self.kind is ProviderKind.AZURE else {"Authorization": f"Bearer {self.key}"}

    @property
    def chat_url(self) -> str:
        """Where a streamed chat is asked for; the openai client finds the same address by itself."""
        return self._url(self.chat_model, "chat/completions")

    @property
    def transcription_url(self) -> str:
        """Where a recording is sent."""
        return self._url(self.transcription_model, "audio/transcriptions")

    def _url(self, model: str, path: str) -> str:
        base = self.endpoint.rstrip("/")
        if self.kind is ProviderKind.AZURE:
            return f"{base}/openai/deployments/{model}/{path}?api-version={self.api_version}"
        return f"{base}/{path}"


def endpoint_of(settings: Snapshot) -> str:
    """The server's address; OpenAI's is known, so it may be left empty there."""
    is_openai = settings.read(PROVIDER_KIND) is ProviderKind.OPENAI
    return settings.read(ENDPOINT) or (OPENAI_ENDPOINT if is_openai else "")


def find_provider(settings: Snapshot, secrets: Secrets) -> Provider | None:
    """The configured server, or None while it has no address."""
    endpoint = endpoint_of(settings)
    if not endpoint:
        return None
    return Provider(
        kind=settings.read(PROVIDER_KIND),
        endpoint=endpoint,
        chat_model=settings.read(CHAT_DEPLOYMENT),
        embedding_model=settings.read(EMBEDDING_DEPLOYMENT),
        transcription_model=settings.read(TRANSCRIPTION_DEPLOYMENT),
        api_version=settings.read(API_VERSION),
        key=settings.secret(API_KEY, secrets),
        allowed_hosts=settings.read(ALLOWED_HOSTS),
    )
