"""A small course, as the demo has one: its own questions are answered, others are not."""

import io

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.extraction.formats import extract
from lti_tool.content.indexing import store_document
from lti_tool.content.retrieval import good_enough, search
from lti_tool.demo.material import handouts
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from tests.content.conftest import MakeSource
from tests.fixtures.people import House


@pytest.fixture
def lectures(session: Session, store: FileStore, make_source: MakeSource) -> None:
    """The lectures of the demo, read from the files it offers."""
    for handout in handouts():
        media_type = MediaType(handout.media_type)
        stored = store.put(session, io.BytesIO(handout.content), name=handout.name, media_type=media_type)
        source = make_source(handout.name, media_type=media_type)
        store_document(session, source, extract(store.path(stored), media_type))


def is_answered(session: Session, house: House, question: str) -> bool:
    found = search(session, course_id=house.course.id, question=question, limit=5)
    return good_enough(found, least_similarity=1.0)


ABOUT_THE_COURSE = (
    "When should I use the median instead of the mean?",
    "What is a standard deviation?",
    "How do I compute a confidence interval?",
    "what does a p-value tell me",
    "median or mean",
    "What is the difference between mean and median?",
    "When do I reject the null hypothesis?",
    "Explain conditional probability",
)
ABOUT_OTHER_THINGS = (
    "Who won the football world cup in 1998?",
    "How do I bake sourdough bread?",
    "What is photosynthesis?",
    "What is the capital of France?",
    "When is the exam?",
    "Wie wird das Wetter morgen?",
)


@pytest.mark.usefixtures("lectures")
def test_questions_about_the_course_are_answered(session: Session, house: House) -> None:
    assert [asked for asked in ABOUT_THE_COURSE if not is_answered(session, house, asked)] == []


@pytest.mark.usefixtures("lectures")
def test_questions_about_other_things_are_refused(session: Session, house: House) -> None:
    assert [asked for asked in ABOUT_OTHER_THINGS if is_answered(session, house, asked)] == []
