"""A page speaks the language of its launch; what has no translation stays English."""

import pytest

from lti_tool.accounts.models import PlacementKind
from lti_tool.web.languages import catalogue_of
from tests.fixtures.people import Enter

SETTINGS = {"it": "Impostazioni", "it_CH": "Impostazioni", "de": "Einstellungen", "nl": "Settings"}


@pytest.mark.parametrize(("locale", "word"), SETTINGS.items())
def test_the_tabs_speak_the_language_of_the_launch(enter: Enter, locale: str, word: str) -> None:
    page = enter("teacher", PlacementKind.DASHBOARD, locale=locale).page("dashboard/")
    assert word in [tab.get_text() for tab in page.select("nav.lectern-tabs a")]
    assert page.html is not None and page.html["lang"] == locale.replace("_", "-")


def test_a_refusal_speaks_it_too_with_what_is_filled_in(enter: Enter) -> None:
    answer = enter("teacher", locale="it").post("material/upload", {"files": []})
    assert answer.status_code == 400 and "file" in answer.text and "Choose at least" not in answer.text


def test_plural_forms_follow_the_number() -> None:
    one, many = (catalogue_of("it").ungettext("%(num)d source", "%(num)d sources", number) for number in (1, 2))
    assert one != many and "font" in one


@pytest.mark.parametrize(
    ("locale", "direction", "sheet"), [("ar", "rtl", "bootstrap.rtl."), ("it", "ltr", "bootstrap.min.")]
)
def test_a_page_runs_the_way_of_its_language(enter: Enter, locale: str, direction: str, sheet: str) -> None:
    page = enter("student", locale=locale).page("tutor/")
    assert page.html is not None and page.html["dir"] == direction
    assert sheet in str(page.select_one("link[rel=stylesheet]"))
