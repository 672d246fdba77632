"""Pasted text is material like any other."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.content.indexing import index_source
from lti_tool.content.models import Chunk, Source
from lti_tool.content.pasting import add_pasted
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from tests.fixtures.people import Enter

FORMS = {
    "text": ("Leaves < roots.\n\nRoots drink.", "Leaves < roots.\n\nRoots drink."),
    "markdown": ("# Light\n\nLeaves *are* green.", "Leaves are green."),
    "html": ("<script>evil()</script><p>Leaves.</p>", "Leaves."),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_pasted_text_is_read_as_what_it_is(
    enter: Enter, runtime: Runtime, session: Session, store: FileStore, form: str
) -> None:
    written, expected = FORMS[form]
    add_pasted(session, enter("teacher").viewer, store, title="Notes", text=written, form=form)
    index_source(runtime.engine, store, session.scalars(select(Source.id)).one())
    chunk = session.scalars(select(Chunk)).one()
    assert (chunk.text, chunk.heading.startswith("Notes") or form == "markdown") == (expected, True)


def test_the_same_title_again_is_a_new_version(enter: Enter, session: Session, store: FileStore) -> None:
    viewer = enter("teacher").viewer
    for title, words in (("Notes", "One."), ("notes ", "Two.")):
        report = add_pasted(session, viewer, store, title=title, text=words, form="text")
    assert (report.changed, len(session.scalars(select(Source)).all())) == (1, 1)


@pytest.mark.parametrize(
    ("title", "words", "form"), [("", "x", "text"), ("x" * 151, "x", "text"), ("T", " ", "html"), ("T", "x", "rtf")]
)
def test_what_is_empty_or_too_long_is_refused(
    enter: Enter, session: Session, store: FileStore, title: str, words: str, form: str
) -> None:
    with pytest.raises(InvalidInput):
        add_pasted(session, enter("teacher").viewer, store, title=title, text=words, form=form)


def test_a_student_pastes_nothing(enter: Enter, session: Session, store: FileStore) -> None:
    with pytest.raises(NotAllowed):
        add_pasted(session, enter("student").viewer, store, title="T", text="x", form="text")
