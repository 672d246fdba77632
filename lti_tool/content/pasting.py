"""Text that a teacher pastes: the same title again is a new version of it."""

import hashlib

from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.archives.markup import Format, as_html, has_text
from lti_tool.content.importing import Actor, ImportReport, import_items
from lti_tool.content.items import CourseItem, ItemKind, Origin
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore

LONGEST_TITLE = 150
LONGEST_TEXT = 500_000
FORMS = {"text": Format.PLAIN, "markdown": Format.MARKDOWN, "html": Format.HTML}


def add_pasted(session: Session, viewer: Viewer, store: FileStore, *, title: str, text: str, form: str) -> ImportReport:
    """Keep the text as material and queue its indexing; raises InvalidInput for what is empty or too long."""
    viewer.require(Capability.MANAGE)
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInput(
            "title_length", "Write a title of at most %(longest_title)s characters.", {"longest_title": LONGEST_TITLE}
        )
    if form not in FORMS:
        raise InvalidInput("form_unknown", "Choose what kind of text it is.")
    html = as_html(text, FORMS[form])
    if not has_text(html) or len(text) > LONGEST_TEXT:
        raise InvalidInput(
            "text_length", "Paste a text of at most %(longest_text)s characters.", {"longest_text": f"{LONGEST_TEXT:,}"}
        )
    key = hashlib.sha256(title.casefold().encode()).hexdigest()[:32]
    item = CourseItem(key=f"text:{key}", kind=ItemKind.TEXT, title=title, html=html)
    return import_items(session, Actor.of(viewer), viewer.course_id, Origin.PASTED, [item], store, is_complete=False)
