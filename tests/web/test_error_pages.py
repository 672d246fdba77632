"""What nobody's view refuses is refused in the tool's own words, in the language of the browser."""

import pytest

from tests.fixtures.launches import ORIGIN, Visitor


@pytest.mark.parametrize(("path", "status", "words"), [("/no", 404, "no page at"), ("/lti/launch", 405, "no such")])
def test_an_unknown_address_leads_back_to_the_course(visitor: Visitor, path: str, status: int, words: str) -> None:
    answer = visitor.client.get(path, base_url=ORIGIN)
    assert answer.status_code == status and words in answer.text and "Open the activity in your course" in answer.text
    assert "URL" not in answer.text


def test_it_speaks_the_language_of_the_browser(visitor: Visitor) -> None:
    answer = visitor.client.get("/no", base_url=ORIGIN, headers={"Accept-Language": "it-CH,it;q=0.9"})
    assert answer.status_code == 404 and "nessuna pagina" in answer.text
