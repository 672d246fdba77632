"""The right passage first, of this course only, of what this viewer may see; and when the course does not say."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.content.embedding import QuestionVector
from lti_tool.content.finding import SEEN
from lti_tool.content.models import Chunk, ChunkEmbedding, EmbeddingModelName, Source
from lti_tool.content.retrieval import DEPTH, Passage, evidence, good_enough, passage_for, search
from lti_tool.errors import NotFound
from tests.content.conftest import MakeSource
from tests.fixtures.people import Enter, House

PAGES = (
    "Photosynthesis turns light into sugar inside the chloroplasts of green leaves.",
    "Mitosis divides one cell into two cells with the same chromosomes.",
    "Roots take up water and minerals from the soil through fine hairs.",
    "Enzymes lower the activation energy of reactions in living cells.",
    "Pollen is carried by wind or by insects from flower to flower.",
)


def ask(session: Session, house: House, question: str, **options: object) -> list[Passage]:
    return search(session, course_id=house.course.id, question=question, limit=5, **options)  # type: ignore[arg-type]


def give_vectors(session: Session, source: Source, *vectors: list[float]) -> None:
    model = EmbeddingModelName(name="model-a")
    session.add(model)
    session.flush()
    chunks = session.query(Chunk).filter(Chunk.source_id == source.id).order_by(Chunk.position)
    for chunk, vector in zip(chunks, vectors, strict=True):
        session.add(
            ChunkEmbedding(
                chunk_id=chunk.id,
                model_id=model.id,
                course_id=chunk.course_id,
                source_id=chunk.source_id,
                embedding=vector,
            )
        )
    session.flush()


@pytest.mark.parametrize(
    ("question", "page"),
    [("What do chloroplasts do with light?", 1), ("How does a cell DIVIDE?", 2), ("Which insect carries pollen?", 5)],
)
def test_the_passage_that_answers_comes_first(
    session: Session, house: House, make_source: MakeSource, question: str, page: int
) -> None:
    make_source("Biology", *PAGES)
    best = ask(session, house, question)[0]
    assert (best.page, best.locator, best.title) == (page, f"page {page}", "Biology")


def test_a_rare_word_weighs_more_than_a_common_one(session: Session, house: House, make_source: MakeSource) -> None:
    make_source("Cells", "cell wall", "cell cell cell", "cell kernel", "cell")
    assert ask(session, house, "cell kernel")[0].text == "cell kernel"


def test_a_question_finds_nothing_in_another_course(session: Session, house: House, make_source: MakeSource) -> None:
    source = make_source("Theirs", *PAGES, course_id=house.other_course.id)
    give_vectors(session, source, *[[1.0, 0.0]] * 5)
    vector = QuestionVector(model="model-a", values=[1.0, 0.0])
    assert ask(session, house, "photosynthesis light", vector=vector, include_hidden=True) == []


def test_hidden_material_is_found_only_when_it_is_asked_for(
    session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("Solutions", *PAGES, is_visible_to_students=False)
    give_vectors(session, source, *[[1.0, 0.0]] * 5)
    vector = QuestionVector(model="model-a", values=[1.0, 0.0])
    assert ask(session, house, "photosynthesis", vector=vector) == []
    assert len(ask(session, house, "photosynthesis", vector=vector, include_hidden=True)) == 5


def test_meaning_finds_what_shares_no_word(session: Session, house: House, make_source: MakeSource) -> None:
    source = make_source("Biology", *PAGES)
    give_vectors(session, source, *[[float(number == 3), 1.0] for number in range(5)])
    best = ask(session, house, "Katalysator?", vector=QuestionVector(model="model-a", values=[1.0, 0.0]))[0]
    assert (best.page, best.coverage, round(best.similarity or 0, 2)) == (4, 0, 0.71)


def test_what_both_words_and_meaning_find_comes_before_what_one_finds(
    session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("Biology", *PAGES)
    give_vectors(session, source, [0.9, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0])
    found = ask(session, house, "chloroplasts", vector=QuestionVector(model="model-a", values=[1.0, 0.0]))
    assert [passage.page for passage in found[:2]] == [1, 2]


def test_a_model_that_tells_nothing_apart_does_not_overrule_the_words(
    session: Session, house: House, make_source: MakeSource
) -> None:
    """Its cosines lie close together; by their ranks alone the fourth page would come before the first."""
    source = make_source("Biology", *PAGES)
    give_vectors(session, source, *[[1.0, 0.01 * number] for number in (5, 4, 3, 1, 2)])
    question = "What turns light into sugar in living leaves?"
    found = ask(session, house, question, vector=QuestionVector(model="model-a", values=[1.0, 0.0]))
    assert (found[0].page, found[0].meaning_rank, found[1].page, found[1].meaning_rank) == (1, 5, 4, 1)


def test_what_the_words_find_is_compared_by_meaning_too(
    session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("Biology", "Chloroplasts.", *(f"Page {number}" for number in range(DEPTH)))
    give_vectors(session, source, [0.0, 1.0], *[[1.0, 0.0]] * DEPTH)
    best = ask(session, house, "chloroplasts", vector=QuestionVector(model="model-a", values=[0.6, 0.8]))[0]
    assert (best.page, best.similarity, best.meaning_rank) == (1, pytest.approx(0.8, abs=1e-3), 1)
    best = ask(session, house, "chloroplasts", vector=QuestionVector(model="model-a", values=[1.0, 0.0]))[0]
    assert (best.similarity, best.meaning_rank) == (pytest.approx(0), None)


def test_what_vectors_find_besides_takes_nothing_from_the_evidence_of_words(
    session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("Biology", *(f"Leaf {number}" for number in range(6)), *(f"Page {at}" for at in range(6)))
    give_vectors(session, source, *[[0.0, 1.0]] * 6, *[[1.0, 0.0]] * 6)
    asked = {"course_id": house.course.id, "question": "leaf moon stone cloud", "limit": SEEN}
    by_words = evidence(search(session, **asked))  # type: ignore[arg-type]
    found = search(session, **asked, vector=QuestionVector(model="model-a", values=[1.0, 0.0]))  # type: ignore[arg-type]
    assert found[0].coverage == 0 < by_words[0]
    assert evidence(found) == by_words


def test_what_has_no_vector_yet_is_found_by_its_words(session: Session, house: House, make_source: MakeSource) -> None:
    source = make_source("Biology", *PAGES)
    give_vectors(session, source, *[[1.0, 0.1 * number] for number in range(5)])
    session.query(ChunkEmbedding).filter(
        ChunkEmbedding.chunk_id == session.query(Chunk.id).filter(Chunk.page == 2).scalar_subquery()
    ).delete()
    vector = QuestionVector(model="model-a", values=[1.0, 0.0])
    best = ask(session, house, "How is mitosis divided?", vector=vector)[0]
    assert (best.page, best.similarity) == (2, None)


def test_vectors_of_another_model_are_not_compared(session: Session, house: House, make_source: MakeSource) -> None:
    source = make_source("Biology", *PAGES)
    give_vectors(session, source, *[[1.0, 0.0]] * 5)
    assert ask(session, house, "Katalysator?", vector=QuestionVector(model="model-b", values=[1.0, 0.0])) == []


@pytest.mark.parametrize("question", ["", "???", "'); DROP TABLE chunk; --", "a:b & !c | <-> \\", "x" * 100_000])
def test_no_question_breaks_the_statement(
    session: Session, house: House, make_source: MakeSource, question: str
) -> None:
    make_source("Biology", *PAGES)
    assert ask(session, house, question) == []


def test_the_course_speaks_to_its_subject_and_is_silent_about_others(
    session: Session, house: House, make_source: MakeSource
) -> None:
    make_source("Biology", *PAGES)
    assert good_enough(ask(session, house, "What turns light into sugar?"), least_similarity=0.7)
    assert not good_enough(ask(session, house, "Who won the election of 1912 into parliament?"), least_similarity=0.7)
    assert not good_enough([], least_similarity=0.0)


def test_a_passage_similar_enough_is_good_enough_without_a_shared_word() -> None:
    passage = Passage(
        chunk_id=1,
        source_id=None,
        title="",
        page=None,
        page_word="",
        heading="",
        text="",
        similarity=0.6,  # type: ignore[arg-type]
    )
    assert good_enough([passage], least_similarity=0.6)
    assert not good_enough([passage], least_similarity=0.61)


@pytest.mark.parametrize(("name", "is_visible", "may_read"), [
    ("teacher", True, True), ("teacher", False, True), ("student", True, True), ("student", False, False),
    ("non_editing_teacher", False, False), ("outsider", True, False),
])  # fmt: skip
def test_who_may_open_a_passage(
    session: Session, enter: Enter, make_source: MakeSource, name: str, is_visible: bool, may_read: bool
) -> None:
    source = make_source("Biology", *PAGES, is_visible_to_students=is_visible)
    chunk_id = session.query(Chunk.id).filter(Chunk.source_id == source.id).limit(1).scalar()
    viewer = enter(name, PlacementKind.TUTOR).viewer
    if may_read:
        assert passage_for(session, viewer, chunk_id)[1] is source
    else:
        with pytest.raises(NotFound):
            passage_for(session, viewer, chunk_id)


@pytest.mark.parametrize(
    ("heading", "locator"), [("Cells", ""), ("Cells › Walls", "Walls"), ("Cells and tissue", "Cells and tissue")]
)
def test_a_locator_does_not_repeat_the_title(heading: str, locator: str) -> None:
    passage = Passage(
        chunk_id=1, source_id=uuid4(), title="Cells", page=None, page_word="", heading=heading, text="Walls."
    )
    assert passage.locator == locator
