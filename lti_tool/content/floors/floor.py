"""Which floor is in force for a model: what a person set, else what was measured, else the default."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.content.floors.models import SimilarityFloor
from lti_tool.content.models import EmbeddingModelName
from lti_tool.site_settings.catalogue import RAG_THRESHOLD
from lti_tool.site_settings.store import Snapshot


class Basis(StrEnum):
    """Where a floor comes from."""

    COURSE = "course"
    SITE = "site"
    MEASURED = "measured"
    DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Floor:
    """A least similarity, and why it is that."""

    value: float
    basis: Basis
    told_apart: float | None = None
    questions: int = 0
    measured_at: datetime | None = None


def floor_for(session: Session, settings: Snapshot, model: str | None) -> Floor:
    """The floor in force for a course and an embedding model; without a model it decides nothing."""
    by_course, by_site = settings.find_of_course(RAG_THRESHOLD), settings.find_of_site(RAG_THRESHOLD)
    if by_course is not None:
        return Floor(value=float(by_course), basis=Basis.COURSE)
    if by_site is not None:
        return Floor(value=float(by_site), basis=Basis.SITE)
    measured = find_measured(session, model) if model else None
    if measured is None:
        return Floor(value=float(RAG_THRESHOLD.default), basis=Basis.DEFAULT)
    return Floor(
        value=measured.floor,
        basis=Basis.MEASURED,
        told_apart=measured.told_apart,
        questions=measured.questions,
        measured_at=measured.measured_at,
    )


def find_measured(session: Session, model: str) -> SimilarityFloor | None:
    """What was measured for this model, if anything."""
    return session.scalar(
        select(SimilarityFloor)
        .join(EmbeddingModelName, EmbeddingModelName.id == SimilarityFloor.model_id)
        .where(EmbeddingModelName.name == model)
    )
