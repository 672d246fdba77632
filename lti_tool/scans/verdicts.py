"""What the stored evidence of a paper says together, before anybody's other papers are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.scans.exam import people_with
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.models import Evidence, PaperPage
from lti_tool.scans.states import Basis, Problem, Strength


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whose the paper seems to be and on which facts, or what stands in the way; `rivals`: others it may be of."""

    person_id: int | None = None
    problem: Problem | None = None
    basis: Basis = Basis.FILENAME
    strength: Strength = Strength.WEAK
    facts: Sequence[str] = ()
    why: str = ""
    rivals: frozenset[int] = frozenset()


def evidence_of(session: Session, paper: Paper) -> list[Evidence]:
    """Everything that was read on the paper's pages or said about it."""
    pages = select(PaperPage.page_id).where(PaperPage.paper_id == paper.id)
    found = select(Evidence).where(or_(Evidence.paper_id == paper.id, Evidence.page_id.in_(pages)))
    return list(session.scalars(found.order_by(Evidence.id)))


def verdict_on(session: Session, exam: Placement, paper: Paper) -> Verdict:
    """Whose the paper is by its evidence and today's roster."""
    if not paper.register_number:
        return Verdict(problem=Problem.NO_CLAIM)
    people = people_with(session, exam.course_id, paper.register_number)
    if not people:
        return Verdict(problem=Problem.UNKNOWN_NUMBER)
    if len(people) > 1:
        return Verdict(problem=Problem.SEVERAL_PEOPLE)
    person, is_student = people[0]
    if not is_student:
        return Verdict(problem=Problem.NOT_ON_ROSTER)
    return Verdict(person_id=person.id, facts=[Basis.FILENAME])
