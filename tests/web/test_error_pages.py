"""What nobody's view refuses is refused in the tool's own words, in the language of the browser."""

import pytest

from tests.fixtures.launches import ORIGIN, Visitor
from tests.fixtures.markup import checked_page
from tests.fixtures.people import Browser, Enter


@pytest.mark.parametrize(("path", "status", "words"), [("/no", 404, "no page at"), ("/lti/launch", 405, "no such")])
def test_an_unknown_address_leads_back_to_the_course(visitor: Visitor, path: str, status: int, words: str) -> None:
    answer = visitor.client.get(path, base_url=ORIGIN)
    assert answer.status_code == status and words in answer.text and "Open the activity in your course" in answer.text
    assert "URL" not in answer.text


def test_it_speaks_the_language_of_the_browser(visitor: Visitor) -> None:
    answer = visitor.client.get("/no", base_url=ORIGIN, headers={"Accept-Language": "it-CH,it;q=0.9"})
    assert answer.status_code == 404 and "nessuna pagina" in answer.text


def way_back(browser: Browser, referrer: str) -> str | None:
    refused = browser.post("material/archive", headers={"Referer": referrer})
    link = checked_page(refused.text).select_one("main a")
    assert refused.status_code == 400
    return str(link["href"]) if link else None


def test_a_refusal_leads_back_to_the_page_before(enter: Enter) -> None:
    teacher = enter("teacher")
    page = teacher.address("material?x=1")
    assert way_back(teacher, f"{ORIGIN}{page}") == page


@pytest.mark.parametrize("referrer", ["", "https://elsewhere.example/l/x", f"{ORIGIN}/l/0/material", "http://["])
def test_no_refusal_leads_anywhere_else(enter: Enter, referrer: str) -> None:
    assert way_back(enter("teacher"), referrer) is None


def test_a_page_that_was_refused_twice_does_not_lead_to_itself(enter: Enter) -> None:
    student = enter("student")
    refused = student.get("material", headers={"Referer": f"{ORIGIN}{student.address('material')}"})
    assert refused.status_code == 403 and not checked_page(refused.text).select("main a")
