"""Each kind of value refuses what it cannot be, and gives back what it kept."""

from decimal import Decimal

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Fraction, Hosts, Kind, OneOf, Pattern, Switch, Text, Whole
from lti_tool.site_settings.patterns import ProviderKind
from lti_tool.site_settings.setting import Setting

WHOLE = Whole(least=1, most=20)
FRACTION = Fraction(least=Decimal(0), most=Decimal(1))
SHORT = Text(most=5, pattern="[a-z]+", rule="Only small letters.", may_be_empty=False)


@pytest.mark.parametrize("text", ["0", "21", "-1", "3.5", "", "1e1", "٣", "9" * 30])
def test_a_whole_number_outside_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 20"):
        WHOLE.parse(text)


@pytest.mark.parametrize("text", ["-0.1", "1.01", "NaN", "Infinity", "warm", ""])
def test_a_fraction_outside_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        FRACTION.parse(text)


def test_a_fraction_takes_a_decimal_comma() -> None:
    assert FRACTION.parse(" 0,25 ") == Decimal("0.25")


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("ABC", "small letters"), ("abcdef", "at most 5")])
def test_text_that_breaks_its_rule_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        SHORT.parse(text)


@pytest.mark.parametrize("text", ["https://a.example", "a.example/v1", "a b@c", "*", "-a.example"])
def test_a_host_list_refuses_what_is_not_a_host(text: str) -> None:
    with pytest.raises(InvalidInput, match="one host name a line"):
        Hosts().parse(text)


def test_a_host_list_is_read_line_by_line_in_small_letters() -> None:
    assert Hosts().parse("API.example\n\n*.azure.example 10.0.0.7") == {"api.example", "*.azure.example", "10.0.0.7"}


def test_a_switch_refuses_anything_but_on_and_off() -> None:
    with pytest.raises(InvalidInput):
        Switch().parse("maybe")


def test_a_choice_refuses_a_stranger() -> None:
    with pytest.raises(InvalidInput, match="openai, azure, compatible"):
        OneOf(choices=ProviderKind).parse("oracle")


@pytest.mark.parametrize(
    "setting", [each for each in CATALOGUE if isinstance(each, Setting)], ids=lambda each: each.key
)
def test_every_default_survives_the_form_and_the_table(setting: Setting[object]) -> None:
    kind: Kind[object] = setting.kind
    assert kind.parse(kind.show(setting.default)) == kind.load(kind.dump(setting.default))


@pytest.mark.parametrize("text", ["[0-9]{12}", r"\d{2}[A-Z]{3}-[0-9]{1,4}", "[A-Za-z0-9]{2,10}"])
def test_a_pattern_of_sets_and_counts_is_taken(text: str) -> None:
    assert Pattern().parse(f" {text} ") == text


@pytest.mark.parametrize("text", ["", "(a+)+$", "a*", "a|b", ".", "[^0-9]", "[9-0]", "[0-9]{5,2}", "a{1,9}" * 4])
def test_a_pattern_that_could_run_for_ever_or_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Pattern().parse(text)
