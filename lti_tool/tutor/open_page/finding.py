"""The page that a question is about, as far as students may read it in this very course (R15)."""

from sqlalchemy.orm import Session

from lti_tool.content.page_context import page_context
from lti_tool.tutor.answering.budget import PageBlock


def find_open_page(session: Session, course_id: int, course_module: int | None) -> PageBlock | None:
    """What the prompt is given of it; None where no page was open, or nothing of it is known here."""
    found = page_context(session, course_id, course_module) if course_module is not None else None
    if found is None:
        return None
    return PageBlock(title=found.title, url=found.url, text=found.text, source_id=found.source_id)
