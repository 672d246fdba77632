"""Where a question stands: said once for printed booklets, and remembered over new versions of the rubric."""

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.grading.models import Criterion, Rubric
from lti_tool.grading.questions.models import QuestionPages

PAGES = re.compile(r"([1-9][0-9]{0,3})(?:\s*[-–]\s*([1-9][0-9]{0,3}))?")


def pages_of_questions(session: Session, rubric: Rubric) -> dict[int, range]:
    """The pages of each criterion that has some; a criterion of the same name in an older version speaks for it."""
    known = session.execute(
        select(Criterion.id, Criterion.title, QuestionPages.first_page, QuestionPages.last_page)
        .join(QuestionPages, QuestionPages.criterion_id == Criterion.id)
        .join(Rubric, Rubric.id == Criterion.rubric_id)
        .where(Rubric.placement_id == rubric.placement_id)
        .order_by(Rubric.version, Criterion.position)
    ).all()
    by_title = {title: range(first, last + 1) for _, title, first, last in known}
    by_id = {number: range(first, last + 1) for number, _, first, last in known}
    found = {criterion.id: by_id.get(criterion.id, by_title.get(criterion.title)) for criterion in rubric.criteria}
    return {number: pages for number, pages in found.items() if pages is not None}


def set_pages(
    session: Session, viewer: Viewer, placement: Placement, rubric: Rubric, fields: Mapping[str, str]
) -> None:
    """Keep what the form says for each criterion: `pages-<criterion>`, as 3 or 3-4. Raises InvalidInput."""
    viewer.require(Capability.GRADE)
    for criterion in rubric.criteria:
        said = fields.get(f"pages-{criterion.id}")
        if said is None:
            continue
        kept = session.get(QuestionPages, criterion.id)
        pages = _read(said.strip())
        # Nothing written takes back what was said of this version; what an older one says is then shown again.
        if pages is None:
            if kept is not None:
                session.delete(kept)
            continue
        row = kept or QuestionPages(criterion_id=criterion.id)
        row.first_page, row.last_page, row.set_by_id = pages[0], pages[-1], viewer.person_id
        session.add(row)
    session.flush()
    audit.by(session, viewer, "questions.pages", object_type="placement", object_id=placement.id)


def _read(text: str) -> range | None:
    if not text:
        return None
    found = PAGES.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not found or last < first:
        raise InvalidInput("pages_unreadable", "Write the pages of a question as 3 or as 3-4.")
    return range(first, last + 1)
