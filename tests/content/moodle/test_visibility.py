"""Only what everybody in the course may see is fetched, unless a teacher chose otherwise (R48)."""

import json

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.inclusion import choose
from lti_tool.content.models import SourceState
from lti_tool.content.moodle.models import MoodleReading
from tests.fakes.moodle import FakeMoodle, FakeSection
from tests.fixtures.moodle import Kept, ReadMoodle, Texts
from tests.fixtures.people import Enter, House

DATE = json.dumps({"op": "&", "c": [{"type": "date", "d": ">=", "t": 1}], "showc": [True]})
NESTED = json.dumps({"op": "&", "c": [{"op": "|", "c": [{"type": "group", "id": 4}]}], "showc": [True]})
EMPTY = json.dumps({"op": "&", "c": [], "showc": []})

CASES = {
    "hidden": ({"visible": 0}, {}, (True, False)),
    "not on the course page": ({"visibleoncoursepage": 0}, {}, (True, False)),
    "stealthy": ({}, {"stealth": True}, (True, False)),
    "a date": ({"availability": DATE}, {}, (False, True)),
    "a group in a group of conditions": ({"availability": NESTED}, {}, (False, True)),
    "conditions that only the state tells": ({}, {"hascmrestrictions": True}, (False, True)),
    "not open to the token's user": ({"uservisible": False}, {}, (False, True)),
    "a sentence about it": ({"availabilityinfo": "Not before May"}, {}, (False, True)),
    "no conditions": ({"availability": EMPTY}, {}, (False, False)),
}


@pytest.mark.parametrize("case", CASES)
def test_an_activity_is_what_moodle_says(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts, case: str
) -> None:
    line, state, (is_hidden, is_restricted) = CASES[case]
    services.add("page", "Key", record={"content": "MARIMBA"}, line=line, state=state)
    read_moodle()
    source = kept()["page:1"]
    assert (source.is_hidden, source.is_restricted) == (is_hidden, is_restricted)
    assert ("page:1" in texts()) is not (is_hidden or is_restricted)


SECTIONS = {
    "hidden": ({"visible": 0}, {}, (True, False)),
    "beyond the last": ({"hiddenbynumsections": 1}, {}, (True, False)),
    "restricted": ({}, {"hasrestrictions": True}, (False, True)),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_what_lies_in_a_section_is_no_more_visible_than_it(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts, case: str
) -> None:
    line, state, expected = SECTIONS[case]
    services.sections[0] = FakeSection(number=30, name="Week", summary="SUMMARY", line=line, state=state)
    services.add("page", "Key", record={"content": "MARIMBA"})
    read_moodle()
    for source in kept().values():
        assert (source.is_hidden, source.is_restricted) == expected
    assert set(kept()) == {"page:1", "section:30"} and texts() == {}


def test_a_part_of_a_restricted_section_is_restricted_with_it(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    services.sections[0].state = {"hasrestrictions": True}
    inner = services.add("subsection", "Part")
    delegated = {"component": "mod_subsection", "itemid": inner.number * 10}
    services.sections.append(FakeSection(number=31, name="Part", summary="SUMMARY", line=delegated))
    services.add("page", "Key", section=1, record={"content": "MARIMBA"})
    read_moodle()
    assert texts() == {}


def test_a_token_of_somebody_who_passes_every_restriction_unseen_reads_nothing(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, kept: Kept, in_moodle: House
) -> None:
    services.may_edit = False
    services.add("page", "Key", record={"content": "x"})
    read_moodle()
    assert "may not edit the course" in session.get_one(MoodleReading, in_moodle.course.id).reason and kept() == {}


def test_a_chosen_item_is_fetched_by_the_next_reading_and_stays_chosen(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, kept: Kept, texts: Texts, enter: Enter
) -> None:
    services.add("page", "Key", record={"content": "MARIMBA"}, line={"visible": 0})
    read_moodle()
    assert choose(session, enter("teacher").viewer, kept()["page:1"], is_wanted=True) is True
    for _ in range(2):
        read_moodle(is_full=False)
        assert "MARIMBA" in texts()["page:1"] and kept()["page:1"].state == SourceState.TODO


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("glossary", {"entries": [{"concept": "Term", "definition": "MARIMBA"}]}),
        ("wiki", {"wikis": [(0, 0, [{"id": 7, "title": "P", "cachedcontent": "MARIMBA"}])]}),
        (
            "lesson",
            {"pages": [{"id": 7, "prevpageid": 0, "nextpageid": 0, "title": "P", "contents": "MARIMBA"}]},
        ),
    ],
)
def test_a_hidden_activity_is_kept_nowhere_until_it_is_chosen(
    services: FakeMoodle,
    session: Session,
    read_moodle: ReadMoodle,
    kept: Kept,
    texts: Texts,
    enter: Enter,
    kind: str,
    values: dict[str, object],
) -> None:
    services.add(kind, "Key", line={"visible": 0}, **values)
    read_moodle()
    assert texts() == {} and all(source.state == SourceState.LEFT_OUT for source in kept().values())
    for source in kept().values():
        choose(session, enter("teacher").viewer, source, is_wanted=True)
    read_moodle(is_full=False)
    assert "MARIMBA" in "".join(texts().values())


def test_an_item_that_a_teacher_left_out_stays_out(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, kept: Kept, enter: Enter
) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    read_moodle()
    choose(session, enter("teacher").viewer, kept()["page:1"], is_wanted=False)
    read_moodle()
    assert kept()["page:1"].state == SourceState.LEFT_OUT
