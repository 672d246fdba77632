"""Which grades a person had before them as they stand: many at once are approved or released only of these (pages.md).

Whoever shows a grade with its work says so here. New work makes every look at the grade of the old one worthless.
"""

from uuid import UUID

from sqlalchemy import BigInteger, delete, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.gradebook.models import Grade, GradeLook


def note_look(session: Session, viewer: Viewer, grade: Grade) -> None:
    """The viewer has the grade before them as it stands."""
    seen = {"grade_id": grade.id, "grade_version": grade.version, "person_id": viewer.person_id, "seen_at": now()}
    session.execute(insert_once(GradeLook).values(seen).on_conflict_do_nothing())


def carry_looks(session: Session, grade: Grade) -> None:
    """The new version says what the one before said: who saw that has seen this."""
    before = select(
        GradeLook.grade_id, literal(grade.version, BigInteger), GradeLook.person_id, GradeLook.seen_at
    ).where(GradeLook.grade_id == grade.id, GradeLook.grade_version == grade.version - 1)
    session.execute(insert(GradeLook).from_select(["grade_id", "grade_version", "person_id", "seen_at"], before))


def forget_looks(session: Session, *, placement_id: UUID, person_id: int) -> None:
    """The person handed in anew: nobody has seen their grade beside this work."""
    grades = select(Grade.id).where(Grade.placement_id == placement_id, Grade.person_id == person_id)
    session.execute(delete(GradeLook).where(GradeLook.grade_id.in_(grades)))


def seen_grades(session: Session, placement_id: UUID) -> set[int]:
    """The grades of a placement that a person has had before them as they stand."""
    seen = select(GradeLook.grade_id).join(
        Grade, (Grade.id == GradeLook.grade_id) & (Grade.version == GradeLook.grade_version)
    )
    return set(session.scalars(seen.where(Grade.placement_id == placement_id)))


def is_seen(session: Session, grade: Grade) -> bool:
    """Whether a person has had this grade before them as it stands."""
    seen = select(GradeLook.person_id).where(GradeLook.grade_id == grade.id, GradeLook.grade_version == grade.version)
    return session.scalar(seen.limit(1)) is not None
