"""Why a question finds what it finds, for teachers."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.embedding import embed_chunks
from lti_tool.content.explanation import Explanation, Rejection, explain
from lti_tool.content.finding import find_passages
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_THRESHOLD, RAG_TOP_K
from lti_tool.site_settings.store import write
from tests.content.conftest import MakeSource
from tests.fakes.model_server import ModelServer
from tests.fixtures.people import House
from tests.llm.conftest import configure


def ask(runtime: Runtime, house: House, question: str) -> Explanation:
    return explain(runtime, course_id=house.course.id, question=question)


def test_each_word_is_told_with_its_weight_and_what_was_left_aside(
    runtime: Runtime, house: House, make_source: MakeSource
) -> None:
    make_source("a", "Leaves turn light into sugar.", "Light falls on leaves.", "Leaves fall.", "Roots drink.")
    found = ask(runtime, house, "What turns light into sugar?")
    assert {(word.text, word.passages) for word in found.words} == {("sugar", 1), ("turns", 0), ("light", 2)}
    assert found.words[-1].text == "light"
    assert found.words[0].share > found.words[2].share
    assert sum(word.share for word in found.words) == pytest.approx(1)
    assert found.empty_words == ["what", "into"]


def test_a_passage_is_told_with_the_words_that_speak_for_it(
    runtime: Runtime, house: House, make_source: MakeSource
) -> None:
    make_source("a", "Leaves turn light into sugar.", "Roots drink water.")
    best = ask(runtime, house, "sugar of leaves")
    assert {word.text for word in best.passages[0].words} == {"sugar", "leaves"}
    assert sum(word.share for word in best.passages[0].words) == pytest.approx(best.passages[0].passage.coverage)


def test_chinese_is_told_in_pairs(runtime: Runtime, house: House, make_source: MakeSource) -> None:
    make_source("a", "植物光合作用", "动物")
    assert {word.text for word in ask(runtime, house, "光合作用").words} == {"光合", "合作", "作用"}


def test_a_short_question_of_one_keyword_is_served(runtime: Runtime, house: House, make_source: MakeSource) -> None:
    make_source("a", "Leaves turn light into sugar.", "Roots drink water.", "Bark protects the tree.")
    found = ask(runtime, house, "roots")
    assert (found.passages[0].passage.page, found.judgement.is_enough) == (2, True)


def test_passages_beyond_the_number_are_named_as_that(
    runtime: Runtime, session: Session, house: House, make_source: MakeSource
) -> None:
    make_source("a", *(f"Leaf number {number}." for number in range(4)))
    write(session, RAG_TOP_K, 2)
    found = [shown.rejection for shown in ask(runtime, house, "leaf").passages]
    assert found == [None, None, Rejection.TOO_MANY, Rejection.TOO_MANY]


def test_a_hidden_source_is_named_and_not_used(runtime: Runtime, house: House, make_source: MakeSource) -> None:
    make_source("open", "Roots drink water.")
    make_source("closed", "Roots drink water at night.", is_visible_to_students=False)
    found = ask(runtime, house, "roots at night")
    assert {(shown.passage.title, shown.rejection) for shown in found.passages} == {
        ("open", None),
        ("closed", Rejection.HIDDEN),
    }


def test_the_search_box_judges_as_the_tutor_does(runtime: Runtime, house: House, make_source: MakeSource) -> None:
    make_source("a", "Leaves turn light into sugar.", "Roots drink water.")
    for question in ("Who turns light into sugar?", "Napoleon", "roots", "when do roots sleep at home"):
        told, found = (
            ask(runtime, house, question),
            find_passages(runtime, course_id=house.course.id, question=question),
        )
        assert told.judgement.is_enough is found.is_enough
        assert [shown.passage for shown in told.passages if shown.rejection is None] == found.passages


def test_what_only_a_vector_finds_needs_the_floor(
    runtime: Runtime, session: Session, house: House, make_source: MakeSource
) -> None:
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    make_source("a", "Leaves turn light into sugar.", "Roots drink water.")
    with ModelServer() as server:
        configure(door.engine, door.secrets, server.url)
        embed_chunks(door, house.course.id)
        write(session, RAG_THRESHOLD, Decimal("0.95"), course_id=house.course.id)
        strict = ask(runtime, house, "sugar")
        write(session, RAG_THRESHOLD, Decimal("0"), course_id=house.course.id)
        lax = ask(runtime, house, "sugar")
    assert [shown.rejection for shown in strict.passages] == [None, Rejection.TOO_UNLIKE]
    assert [shown.rejection for shown in lax.passages] == [None, None]
    assert (strict.judgement.by_meaning, lax.judgement.by_meaning, strict.passages[0].passage.meaning_rank) == (
        False,
        True,
        1,
    )
