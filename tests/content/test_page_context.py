"""The page a student has open: its indexed text, in this course alone, and nothing that students may not read."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.items import ItemKind, Origin
from lti_tool.content.models import SourceState
from lti_tool.content.page_context import page_context
from tests.content.conftest import MakeSource
from tests.fixtures.people import House

PAGE = {"origin": Origin.MOODLE, "key": "page:42", "kind": ItemKind.PAGE, "url": "https://moodle.example/p"}


def test_the_text_of_an_activity_is_found_by_its_number(
    session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("Gas laws", "One.", "Two.", section="Week one", **PAGE)
    make_source("Other", "Three.", **(PAGE | {"key": "page:4"}))
    found = page_context(session, house.course.id, 42)
    assert found is not None and found.source_id == source.id
    assert (found.title, found.section, found.url, found.text) == (
        "Gas laws",
        "Week one",
        "https://moodle.example/p",
        "One.\n\nTwo.",
    )


def test_the_parts_of_a_book_follow_its_description(session: Session, house: House, make_source: MakeSource) -> None:
    for key, title, text in (("book:7:10", "B: Ten", "X."), ("book:7:9", "B: Nine", "IX."), ("book:7", "B", "Intro.")):
        make_source(title, text, **(PAGE | {"key": key}))
    found = page_context(session, house.course.id, 7)
    assert found is not None and found.text == "B\n\nIntro.\n\nB: Nine\n\nIX.\n\nB: Ten\n\nX."


HIDDEN = {
    "hidden from students": {"is_visible_to_students": False},
    "left out": {"state": SourceState.LEFT_OUT},
    "a backup of who knows which course": {"origin": Origin.BACKUP},
    "a section": {"kind": ItemKind.SECTION, "key": "section:42"},
}


@pytest.mark.parametrize("case", HIDDEN)
def test_what_students_may_not_read_is_not_found(
    session: Session, house: House, make_source: MakeSource, case: str
) -> None:
    make_source("Gas laws", "One.", **(PAGE | HIDDEN[case]))
    assert page_context(session, house.course.id, 42) is None


def test_another_course_has_its_own_numbers(session: Session, house: House, make_source: MakeSource) -> None:
    make_source("Gas laws", "One.", course_id=house.other_course.id, **PAGE)
    assert page_context(session, house.course.id, 42) is None
