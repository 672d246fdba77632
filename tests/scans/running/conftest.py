"""An exam whose papers are on the desk, marked and released."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Grade
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.reviewing import save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.scans.handover.handing_over import keep_work, material_of
from lti_tool.scans.handover.works import find_work
from tests.files import samples
from tests.fixtures.people import House
from tests.scans.conftest import EXAM, PaperOf

Marked = Callable[..., Grade]
RUBRIC = {"rubric": [{"title": "Question 1", "points": 6}, {"title": "=Question 2", "points": 4}]}


@pytest.fixture
def marked(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, store: FileStore, tmp_path: Path
) -> Marked:
    """marked("student"): confirmed, put on the desk, marked 5 + 2, and released."""
    placement = house.placements[EXAM]
    placement.options = {**placement.options, **RUBRIC}
    session.flush()

    def made(name: str = "student") -> Grade:
        paper = confirmed(name)
        material = material_of(session, store, paper.id)
        assert material is not None
        pdf = tmp_path / "paper.pdf"
        pdf.write_bytes(samples.pdf(f"The paper of {name}"))
        keep_work(session, store, paper.id, material, pdf)
        work, rubric = find_work(session, paper), rubric_of(session, placement)
        assert work is not None and rubric is not None
        points = (Decimal(5), Decimal(2))
        ticks = {
            criterion.id: TickInput(points=given) for criterion, given in zip(rubric.criteria, points, strict=True)
        }
        grade = save_review(session, teacher, placement, work, Marking(rubric_id=rubric.id, seen=0, ticks=ticks))
        approve(session, teacher, grade)
        return grade

    return made
