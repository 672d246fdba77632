"""A quotation stands in a text or it does not; spaces, marks and invisible signs decide nothing."""

import pytest

from lti_tool.grading.quotations import find_quotation

TEXT = "The “light\u00adreactions” need\n  water – not sugar.  ﬁnally, it’s café time."


@pytest.mark.parametrize(
    ("quotation", "found"),
    [
        ('The "lightreactions" need water - not sugar.', "The “light\u00adreactions” need\n  water – not sugar"),
        ("water – not sugar", "water – not sugar"),
        ("finally, it's cafe\u0301 time", "ﬁnally, it’s café time"),
        ('"need water ... not sugar"', "need\n  water – not sugar"),
        ("The […] sugar", "The “light\u00adreactions” need\n  water – not sugar"),
    ],
)
def test_it_is_found_at_its_exact_place(quotation: str, found: str) -> None:
    place = find_quotation(TEXT, quotation)
    assert place is not None
    assert TEXT[place[0] : place[1]] == found


@pytest.mark.parametrize(
    "quotation", ["needs water", "the light", "sugar ... water", "", "“”", "...", "it", "not sugar but salt"]
)
def test_what_does_not_stand_there_is_not_found(quotation: str) -> None:
    assert find_quotation(TEXT, quotation) is None


def test_an_ellipsis_does_not_join_what_is_far_apart() -> None:
    assert find_quotation(f"begin {'x' * 700} end", "begin ... end") is None


def test_a_later_beginning_serves_where_the_first_leads_nowhere() -> None:
    text = f"cats {'x' * 700} cats sleep well"
    assert find_quotation(text, "cats ... well") == (text.rindex("cats"), len(text))
