"""Claims as platforms really send them."""

from typing import Any

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.lti.claims import read_claims
from tests.fakes.platform import AGS, DL_SETTINGS
from tests.fixtures.launches import claim


def custom(**values: Any) -> dict[str, str]:
    return dict(read_claims({claim("custom"): values}).custom)


def test_an_unresolved_variable_is_missing() -> None:
    assert custom(history="$Context.id.history", groups="4,5", empty="") == {"groups": "4,5"}


@pytest.mark.parametrize("value", [{"a": "b"}, ["a"]])
def test_a_nested_custom_value_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="claim_malformed"):
        custom(nested=value)


def test_an_empty_message_has_nothing() -> None:
    claims = read_claims({})
    assert (claims.message, claims.context, claims.resource_link, claims.deep_linking) == (None, None, None, None)
    assert claims.services.line_items_url is None and claims.reviewed_sub is None


def test_a_context_without_id_is_none() -> None:
    assert read_claims({claim("context"): {"title": "No id"}}).context is None


def test_an_empty_line_item_is_none() -> None:
    assert read_claims({AGS: {"lineitem": "", "lineitems": "https://p.test/l"}}).services.line_item_url is None


@pytest.mark.parametrize(("locale", "kept"), [("pt-BR", "pt-BR"), ("zh_Hans_CN", "zh_Hans_CN"), ("<script>", "")])
def test_a_locale_is_a_language_tag(locale: str, kept: str) -> None:
    assert read_claims({claim("launch_presentation"): {"locale": locale}}).locale == kept


@pytest.mark.parametrize(("sent", "read"), [(True, True), ("true", True), ("false", False), (None, True)])
def test_accept_multiple_may_be_a_word(sent: Any, read: bool) -> None:
    settings = {"deep_link_return_url": "https://p.test/r", "accept_multiple": sent}
    deep_linking = read_claims({DL_SETTINGS: settings}).deep_linking
    assert deep_linking is not None and deep_linking.accepts_multiple is read


def test_the_refusal_names_the_claim_and_not_its_value() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_claims({claim("context"): {"id": "2", "title": ["Canary"]}})
    assert caught.value.details == {"claim": "context.title"}
