"""Which server is asked, and where a call to it may go."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.llm.provider import Provider, find_provider
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import ENDPOINT, PROVIDER_KIND
from lti_tool.site_settings.patterns import ProviderKind
from lti_tool.site_settings.store import snapshot, write


def provider(endpoint: str, *hosts: str) -> Provider:
    return Provider(kind=ProviderKind.COMPATIBLE, endpoint=endpoint, key="sk-canary", allowed_hosts=frozenset(hosts))


def test_a_fresh_installation_has_none(session: Session, secrets: Secrets) -> None:
    assert find_provider(snapshot(session), secrets) is None


def test_openai_needs_no_address(session: Session, secrets: Secrets) -> None:
    write(session, PROVIDER_KIND, ProviderKind.OPENAI)
    found = find_provider(snapshot(session), secrets)
    assert found and found.chat_url == "https://api.openai.com/v1/chat/completions"


def test_a_slash_at_the_end_of_the_address_does_not_matter(session: Session, secrets: Secrets) -> None:
    write(session, ENDPOINT, "https://models.example/v1/")
    found = find_provider(snapshot(session), secrets)
    assert found and found.chat_url == "https://models.example/v1/chat/completions"


def test_a_starred_host_does_not_open_the_private_network() -> None:
    rule = provider("http://models.intern.example", "*.intern.example").address_rule
    with pytest.raises(InvalidInput, match="https"):
        rule.check_url("http://models.intern.example")


def test_a_named_host_may_be_private_and_plain() -> None:
    rule = provider("http://10.0.0.7:8000/v1", "10.0.0.7").address_rule
    rule.check_url("http://10.0.0.7:8000/v1")
    assert rule.checked_addresses("10.0.0.7") == ["10.0.0.7"]


def test_a_list_without_the_host_refuses_it() -> None:
    rule = provider("https://models.example", "api.openai.com").address_rule
    with pytest.raises(InvalidInput, match="host_not_allowed"):
        rule.check_url("https://models.example")


def test_the_key_is_not_in_its_description() -> None:
    assert "canary" not in repr(provider("https://models.example"))
