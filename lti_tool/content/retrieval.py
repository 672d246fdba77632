"""Which passages of a course answer a question, and whether they are good enough to answer at all (R44).

`search` is one statement; it takes the question's vector ready made, for no model is called in a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.embedding import QuestionVector
from lti_tool.content.extraction.formats import PAGED
from lti_tool.content.function_words import telling_words
from lti_tool.content.lexemes import PART, lexeme, marks, terms_of
from lti_tool.content.models import Chunk, Source
from lti_tool.content.ranking import AS_USUAL, BY_INDEX, RANKED_PASSAGES
from lti_tool.errors import NotFound
from lti_tool.files.media_types import MediaType

DEPTH = 30
MOST_POSTINGS = 4_000
PART_WEIGHT = 0.5
GAINS = (1.0, 0.4, 0.4)
MOST_TERMS = 256

# Fitted on the even questions of XQuAD in seven languages and two sizes of course, each question asked of a course with
# its paragraph and without it; benchmarks/retrieval_quality.py fits again and reports on the odd ones.
COVERAGE_COUNTS = 6.34
LEAD_COUNTS = 5.73
ENOUGH = 4.35


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A chunk returned for a question.

    `coverage` is the share of the question's weight that stands in the chunk, `score` the same with repeats and
    length counted, `similarity` the cosine where vectors were compared, `relevance` the sum of both. `url` is where the
    course itself shows it.
    """

    chunk_id: int
    source_id: UUID
    title: str
    page: int | None
    page_word: str
    heading: str
    text: str
    url: str | None = None
    coverage: float = 0.0
    score: float = 0.0
    similarity: float | None = None
    relevance: float = 0.0
    words_rank: int | None = None
    meaning_rank: int | None = None

    @property
    def locator(self) -> str:
        """Where in its source the passage stands: a page or slide, else its heading without the source's own title."""
        if self.page:
            return f"{self.page_word} {self.page}"
        return "" if self.heading == self.title else self.heading.removeprefix(f"{self.title} › ")


def search(
    session: Session,
    *,
    course_id: int,
    question: str,
    limit: int,
    vector: QuestionVector | None = None,
    include_hidden: bool = False,
) -> list[Passage]:
    """The best passages first; material hidden from students only where it is asked for."""
    asked = asked_lexemes(course_id, telling_words(session, question))
    looked_for = {
        "marks": list(marks()),
        "gains": list(GAINS),
        "include_hidden": include_hidden,
        "model": vector.model if vector else None,
        "vector": str(vector.values) if vector else None,
        "depth": DEPTH,
        "postings": MOST_POSTINGS,
        "lim": limit,
    }
    session.execute(BY_INDEX)
    rows = session.execute(RANKED_PASSAGES, asked | looked_for).all()
    session.execute(AS_USUAL)
    return [
        Passage(
            chunk_id=row.chunk_id,
            source_id=row.source_id,
            title=row.title,
            page=row.page,
            page_word=PAGED.get(MediaType(row.media_type), ""),
            heading=row.heading,
            text=row.text,
            url=row.url,
            coverage=row.coverage or 0.0,
            score=row.score or 0.0,
            similarity=row.similarity,
            relevance=float(row.relevance),
            words_rank=row.words_rank,
            meaning_rank=row.meaning_rank,
        )
        for row in rows
    ]


def asked_lexemes(course_id: int, words: Sequence[str]) -> dict[str, object]:
    """What the statements of ranking.py want to know of a question."""
    terms = list(dict.fromkeys(term for word in words for term in terms_of(word)))[:MOST_TERMS]
    return {
        "course": course_id,
        "total_lexeme": lexeme(course_id, ""),
        "lexemes": [lexeme(course_id, term) for term in terms],
        "weights": [PART_WEIGHT if term.startswith(PART) else 1.0 for term in terms],
    }


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Whether the course says something about a question, with the figures that decide: either of two is enough.

    `evidence` is weighed from how much of the question stands in one passage (`coverage`) and how far that is ahead
    of the others (`lead`); `similarity` is that of the most similar passage, where vectors were compared.
    """

    coverage: float
    lead: float
    similarity: float | None
    least_similarity: float
    needed: float = ENOUGH

    @property
    def evidence(self) -> float:
        return COVERAGE_COUNTS * self.coverage + LEAD_COUNTS * self.lead

    @property
    def by_words(self) -> bool:
        return self.evidence >= self.needed

    @property
    def by_meaning(self) -> bool:
        return self.similarity is not None and self.similarity >= self.least_similarity

    @property
    def is_enough(self) -> bool:
        return self.by_words or self.by_meaning


def judged(passages: Sequence[Passage], *, least_similarity: float) -> Judgement:
    """Whether these are good enough to answer from, by their words or by a passage as similar as the model's floor."""
    coverage, lead = evidence(passages)
    similarities = [passage.similarity for passage in passages if passage.similarity is not None]
    return Judgement(
        coverage=coverage, lead=lead, similarity=max(similarities, default=None), least_similarity=least_similarity
    )


def good_enough(passages: Sequence[Passage], *, least_similarity: float) -> bool:
    """Whether the course says something about it."""
    return judged(passages, least_similarity=least_similarity).is_enough


def evidence(passages: Sequence[Passage]) -> tuple[float, float]:
    """How much of the question stands in one chunk, and how far the best score is ahead of the next four."""
    if not passages:
        return 0.0, 0.0
    scores = sorted((passage.score for passage in passages), reverse=True)[:5]
    return max(passage.coverage for passage in passages), scores[0] - sum(scores[1:]) / 4


def passage_for(session: Session, viewer: Viewer, chunk_id: int) -> tuple[Chunk, Source]:
    """The chunk behind a citation, if this viewer may read its source; raises NotFound."""
    found = session.execute(
        select(Chunk, Source)
        .join(Source, Source.id == Chunk.source_id)
        .where(Chunk.id == chunk_id, Chunk.course_id == viewer.course_id)
    ).one_or_none()
    if found is None or not (found[1].is_visible_to_students or viewer.may(Capability.MANAGE)):
        raise NotFound("passage_unknown", "This passage is no longer part of the course material.")
    return found[0], found[1]
