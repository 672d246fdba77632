"""What counts as assessed work in a course: a teacher's own word, else graded activities, exams, assignments, quizzes.

Only hints are given when the tutor itself was placed as assessed, when the open page or the best passage is assessed
material, and when a question quotes an assessed task.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.items import ItemKind
from lti_tool.content.models import Source
from lti_tool.content.retrieval import Passage
from lti_tool.db import columns
from lti_tool.tutor.hints.quoting import is_quoted
from lti_tool.tutor.models import AssessedWork

ASSESSED_BY_DEFAULT = frozenset({PlacementKind.ACTIVITY, PlacementKind.EXAM})
SOURCES_BY_DEFAULT = frozenset({ItemKind.ASSIGNMENT, ItemKind.QUIZ})


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """The assessed work of a course, as one question meets it."""

    is_here: bool = False
    tasks: tuple[str, ...] = ()
    sources: frozenset[UUID] = frozenset()

    def concerns(self, question: str, passages: Sequence[Passage], page_source: UUID | None = None) -> bool:
        """Whether this question gets hints only."""
        quotable = (*self.tasks, *(passage.text for passage in passages if passage.source_id in self.sources))
        is_best = bool(passages) and passages[0].source_id in self.sources
        return (
            self.is_here
            or is_best
            or page_source in self.sources
            or any(is_quoted(text, question) for text in quotable)
        )


@dataclass(frozen=True, kw_only=True)
class Work:
    """A line of the teacher's page: a placement or a source, and whether it is assessed."""

    id: UUID
    title: str
    kind: str
    is_assessed: bool


# Every question asks these.
PLACED = select(Placement.id, Placement.kind, Placement.title, Placement.options).where(
    Placement.course_id == bindparam("course_id")
)
SAID = select(func.coalesce(AssessedWork.placement_id, AssessedWork.source_id), AssessedWork.is_assessed).where(
    AssessedWork.course_id == bindparam("course_id")
)
SET_AS_WORK = select(Source.id).where(
    Source.course_id == bindparam("course_id"), Source.kind.in_(sorted(SOURCES_BY_DEFAULT))
)
SAID_HERE = select(AssessedWork.is_assessed).where(AssessedWork.placement_id == bindparam("placement_id"))


def assessed_in(session: Session, course_id: int, placement_id: UUID | None) -> Assessed:
    """What is assessed in the course, for a question that is asked in that placement."""
    said = _said(session, course_id)
    sources = dict.fromkeys(columns(session, SET_AS_WORK, {"course_id": course_id}).scalars(), True) | said
    placements = columns(session, PLACED, {"course_id": course_id}).all()
    assessed = [placement for placement in placements if said.get(placement.id, is_assessed_by_default(placement.kind))]
    return Assessed(
        is_here=placement_id in {placement.id for placement in assessed},
        tasks=tuple(text for placement in assessed for text in _texts(placement.title, placement.options)),
        sources=frozenset(id for id, is_assessed in sources.items() if is_assessed),
    )


def is_assessed_by_default(kind: str | None) -> bool:
    """Whether a placement of this kind is assessed where no teacher has said anything."""
    return kind in ASSESSED_BY_DEFAULT


def works_of(session: Session, viewer: Viewer) -> tuple[list[Work], list[Work]]:
    """The placements and the sources of the viewer's course."""
    viewer.require(Capability.MANAGE)
    said = _said(session, viewer.course_id)
    placements = select(Placement).where(Placement.course_id == viewer.course_id).order_by(Placement.title)
    sources = select(Source).where(Source.course_id == viewer.course_id).order_by(Source.title)
    return (
        [
            Work(
                id=one.id,
                title=one.title,
                kind=one.kind,
                is_assessed=said.get(one.id, is_assessed_by_default(one.kind)),
            )
            for one in session.scalars(placements)
            if one.kind != PlacementKind.DASHBOARD
        ],
        [
            Work(
                id=one.id,
                title=one.title,
                kind="source",
                is_assessed=said.get(one.id, one.kind in SOURCES_BY_DEFAULT),
            )
            for one in session.scalars(sources)
        ],
    )


def mark(session: Session, viewer: Viewer, ticked: frozenset[UUID]) -> None:
    """Make exactly these placements and sources of the course assessed."""
    placements, sources = works_of(session, viewer)
    changed = [work for work in (*placements, *sources) if (work.id in ticked) != work.is_assessed]
    for work in changed:
        _say(session, viewer, work, work.id in ticked)
    if changed:
        audit.by(
            session,
            viewer,
            "assessed_work.changed",
            object_type="course",
            object_id=viewer.course_id,
            details={
                "marked": [work.id for work in changed if work.id in ticked],
                "unmarked": [work.id for work in changed if work.id not in ticked],
            },
        )


def _said(session: Session, course_id: int) -> dict[UUID, bool]:
    """What teachers said, by the id of the placement or source."""
    return {id: is_assessed for id, is_assessed in columns(session, SAID, {"course_id": course_id})}


def _texts(title: str, options: dict[str, Any]) -> Iterator[str]:
    """What a student might copy from a task: its title and whatever its settings say in words."""
    yield title
    yield from _strings(options)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _say(session: Session, viewer: Viewer, work: Work, is_assessed: bool) -> None:
    """Two teachers who save at once both succeed, and the later word stands."""
    column = "source_id" if work.kind == "source" else "placement_id"
    session.execute(
        insert(AssessedWork)
        .values(course_id=viewer.course_id, is_assessed=is_assessed, **{column: work.id})
        .on_conflict_do_update(index_elements=[column], set_={"is_assessed": is_assessed})
        .execution_options(synchronize_session=False)
    )
